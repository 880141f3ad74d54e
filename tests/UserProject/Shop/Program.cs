using Shop;

var builder = WebApplication.CreateBuilder(args);
builder.AddActorServer();
var app = builder.Build();
app.MapShop();
await app.RunAsync();
