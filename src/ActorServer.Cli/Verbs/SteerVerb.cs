using System.CommandLine;
using ActorServer.Core.Wire;

namespace ActorServer.Cli.Verbs;

/// <summary><c>resume</c> and <c>suspend</c>.</summary>
internal static class SteerVerb
{
    public static Command Resume(Common common)
        => Create(common, "resume", "Call a drain off, or open the ports of a suspended node.", static (on, reason) => new Resume(on, reason, Common.By));

    public static Command Suspend(Common common)
        => Create(common, "suspend", "Close a node's ports without a drain; resume opens them.", static (on, reason) => new Suspend(on, reason, Common.By));

    private static Command Create(Common common, string name, string description, Func<string?, string?, IWireChange> create)
    {
        var reason = DrainOptionSet.Reason();
        Command command = new(name, description) { reason };
        command.SetAction(async (parse, cancelled) =>
        {
            var change = create(common.On(parse), parse.GetValue(reason));
            common.Screen(parse).Show((await common.AskAsync<StatusAnswer>(parse, change, cancelled)).Status);
            return ExitCode.Done;
        });
        return command;
    }
}
