using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Shop;

public static class ShopApplication
{
    public static void MapShop(this IEndpointRouteBuilder app)
    {
        app.MapGet("/hello", () => "Hello!");
    }
}
