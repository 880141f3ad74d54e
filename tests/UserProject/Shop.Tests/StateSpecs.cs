using ActorServer.Core;
using ActorServer.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Shop.Tests;

/// <summary>A real server, and the states of its connections.</summary>
public sealed class StateSpecs
{
    // docs: states
    [Fact]
    public async Task A_customer_who_says_hello_is_idle_afterwards()
    {
        await using var server = await StartedServer.StartAsync(app => app.MapShop());
        await using var customer = await server.ConnectAsync();

        var answer = await customer.GetAsync("/hello");

        Assert.Equal("Hello!", answer.Body);
        var id = await server.IdOfAsync(customer);
        await server.Transitions.ExpectAsync(id, ConnectionState.New, ConnectionState.Active, ConnectionState.Idle);
        Assert.Equal(1, (await server.Server.SnapshotAsync(id)).Requests);
    }
    // docs: end

    // docs: gate
    [Fact]
    public async Task A_checkout_under_way_is_finished_before_the_node_is_drained()
    {
        RequestGate bank = new();
        await using var server = await StartAsync(bank.WaitAsync);
        using var customer = server.CreateClient();
        var checkout = customer.PostAsync("/checkout", content: null);
        await bank.EnteredAsync();

        // Draining: the ports are closed, and it waits for whoever is Active.
        var drained = server.Server.DrainAsync();
        await server.Transitions.ReachAsync(NodePhase.Draining);
        var blocker = Assert.Single((await server.Server.StatusAsync()).Drain!.Blockers);
        Assert.Equal(("POST", "/checkout"), (blocker.Method, blocker.Path));

        bank.Open();
        Assert.Equal("paid", await (await checkout).Content.ReadAsStringAsync());
        Assert.Equal((1, 0), ((await drained).Completed, (await drained).Aborted));
    }
    // docs: end

    // docs: hold
    [Fact]
    public async Task A_connection_whose_actor_stands_still_holds_up_nobody_else()
    {
        await using var server = await StartAsync();
        await using var slow = await server.ConnectAsync();
        using var hold = server.Hold(ConnectionState.Idle, await server.IdOfAsync(slow));
        await slow.GetAsync("/hello");
        var held = await hold.EnteredAsync();

        // Its actor hears nothing any more; all others go on.
        await using var other = await server.ConnectAsync();
        await other.GetAsync("/hello");
        var drained = server.Server.DrainAsync();
        Assert.Equal(RawEnd.Closed, await other.ReadEndAsync());
        Assert.Equal(ConnectionState.Idle, (await server.Server.SnapshotAsync(held)).State);

        hold.Release();
        Assert.Equal(RawEnd.Closed, await slow.ReadEndAsync());
        Assert.Equal(0, (await drained).Aborted);
    }
    // docs: end

    // docs: memory
    [Fact]
    public async Task A_thousand_customers_need_no_sockets()
    {
        await using var server = await StartedServer.StartAsync(app => app.MapShop(), memory: new InMemoryTransport());
        List<RawClient> customers = [];
        for (var i = 0; i < 1000; i++)
        {
            customers.Add(await server.ConnectAsync());
            await customers[i].GetAsync("/hello");
        }

        var report = await server.Server.DrainAsync();

        Assert.Equal((1000, 0), (report.Initial, report.Aborted));
        Assert.All(await Task.WhenAll(customers.Select(c => c.ReadEndAsync())), end => Assert.Equal(RawEnd.Closed, end));
    }
    // docs: end

    private static Task<StartedServer> StartAsync(Payment? pay = null) => StartedServer.StartAsync(
        app => app.MapShop(), builder => builder.Services.AddSingleton(pay ?? (_ => Task.CompletedTask)));
}
