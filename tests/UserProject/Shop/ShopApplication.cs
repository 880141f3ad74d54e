using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Shop;

/// <summary>Takes a customer's money.</summary>
public delegate Task Payment(CancellationToken cancellationToken);

/// <summary>A small application, as a user of ActorServer has one.</summary>
public static class ShopApplication
{
    /// <summary>Maps its endpoints.</summary>
    public static void MapShop(this IEndpointRouteBuilder app)
    {
        app.MapGet("/hello", () => "Hello!");
        app.MapPost("/checkout", async (Payment pay, CancellationToken cancellationToken) =>
        {
            await pay(cancellationToken);
            return "paid";
        });
    }
}
