using Shop;

var builder = WebApplication.CreateBuilder(args);
builder.AddActorServer();
builder.Services.AddSingleton<Payment>(_ => Task.CompletedTask);
var app = builder.Build();
app.MapShop();
await app.RunAsync();
