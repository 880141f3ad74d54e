using System.Runtime.CompilerServices;
using ActorServer.Actors;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace ActorServer.TestKit;

/// <summary>Something was told to the actor of a connection.</summary>
/// <param name="Id">The connection.</param>
/// <param name="Name">
/// What: <c>Look</c> (the front end has written news), <c>Announce</c>, <c>Withdraw</c>, <c>CloseOrder</c>, <c>AbortOrder</c>,
/// <c>QuietTick</c> (a grace is over), <c>Leave</c>, <c>GoOn</c> (after a crash).
/// </param>
/// <param name="Text">The message in words, with its values.</param>
public sealed record ToldConnection(string Id, string Name, string Text);

/// <summary>The mailbox of connection actors in a virtual node: what is put into it, a listener may hear.</summary>
internal sealed class TapMailbox(Settings settings, Config config) : MailboxType(settings, config), IProducesMessageQueue<TapMailbox.Queue>
{
    /// <summary>Takes the place of the mailbox that the actors have otherwise; theirs is inside.</summary>
    public static readonly Config Configuration =
        $$"""{{ConnectionMailbox.Name}} { mailbox-type = "{{typeof(TapMailbox).FullName}}, {{typeof(TapMailbox).Assembly.GetName().Name}}" }""";

    private static readonly ConditionalWeakTable<ActorSystem, Listeners> All = [];

    public static void Add(ActorSystem system, IActorRef listener) => All.GetOrCreateValue(system).Add(listener);

    public override IMessageQueue Create(IActorRef owner, ActorSystem system)
        => new Queue(new ConnectionMailbox(Settings, Config).Create(owner, system), owner.Path.Name, All.GetOrCreateValue(system));

    internal sealed class Queue(IMessageQueue inner, string id, Listeners listeners) : IMessageQueue, IUnboundedMessageQueueSemantics
    {
        public bool HasMessages => inner.HasMessages;

        public int Count => inner.Count;

        public void Enqueue(IActorRef receiver, Envelope envelope)
        {
            // Before the actor can hear it: what follows from it is told later.
            if (envelope.Message is not Identify)
            {
                listeners.Tell(id, envelope.Message);
            }

            inner.Enqueue(receiver, envelope);
        }

        public bool TryDequeue(out Envelope envelope) => inner.TryDequeue(out envelope);

        public void CleanUp(IActorRef owner, IMessageQueue deadletters) => inner.CleanUp(owner, deadletters);
    }

    internal sealed class Listeners
    {
        private volatile IActorRef[] _all = [];

        public void Add(IActorRef listener)
        {
            lock (this)
            {
                _all = [.. _all, listener];
            }
        }

        public void Tell(string id, object message)
        {
            foreach (var listener in _all)
            {
                listener.Tell(new ToldConnection(id, message.GetType().Name, message.ToString()!), ActorRefs.NoSender);
            }
        }
    }
}
