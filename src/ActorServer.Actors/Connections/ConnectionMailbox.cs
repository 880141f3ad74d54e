using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;
using Akka.Util;

namespace ActorServer.Actors;

/// <summary>The mailbox of a connection's actor: nothing but a few fields while it is empty, as it nearly always is.</summary>
/// <remarks>Akka's own keeps a segment of its queue for each actor: 1 KB, more than all else that an idle connection costs.</remarks>
internal sealed class ConnectionMailbox(Settings settings, Config config)
    : MailboxType(settings, config), IProducesMessageQueue<ConnectionMailbox.Queue>
{
    /// <summary>Its name in an actor system's configuration.</summary>
    public const string Name = "actor-server.connection-mailbox";

    /// <summary>What makes it known to an actor system.</summary>
    public static Config Configuration { get; } =
        $$"""{{Name}} { mailbox-type = "{{typeof(ConnectionMailbox).FullName}}, {{typeof(ConnectionMailbox).Assembly.GetName().Name}}" }""";

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new Queue();

    /// <summary>Many put in, one takes out, in the order in which they were put in; but the word that there is news comes first.</summary>
    internal sealed class Queue : IMessageQueue, IUnboundedMessageQueueSemantics
    {
        // The last that came, and through it all since the reader looked.
        private Node? _arrived;

        // What the reader has taken over, in order.
        private Node? _next;

        // An actor reads the news before anything else, so that one mark says as much as any number of messages; it costs nothing.
        private int _news;

        public bool HasMessages
            => Volatile.Read(ref _news) != 0 || Volatile.Read(ref _arrived) is not null || Volatile.Read(ref _next) is not null;

        // For people who look into an actor; while it reads it may be a few off.
        public int Count => Volatile.Read(ref _news) + Length(Volatile.Read(ref _next)) + Length(Volatile.Read(ref _arrived));

        public void Enqueue(IActorRef receiver, Envelope envelope)
        {
            if (envelope.Message is Look)
            {
                // With a full fence: whoever goes to sleep looks here afterwards, and must not miss it.
                Interlocked.Exchange(ref _news, 1);
                return;
            }

            Node node = new(envelope);
            do
            {
                node.Next = Volatile.Read(ref _arrived);
            }
            while (Interlocked.CompareExchange(ref _arrived, node, node.Next) != node.Next);
        }

        public bool TryDequeue(out Envelope envelope)
        {
            if (Volatile.Read(ref _news) != 0 && Interlocked.Exchange(ref _news, 0) != 0)
            {
                envelope = new(Look.Instance, ActorRefs.NoSender);
                return true;
            }

            if ((_next ?? TakeOver()) is not { } node)
            {
                envelope = default;
                return false;
            }

            Volatile.Write(ref _next, node.Next);
            envelope = node.Envelope;
            return true;
        }

        public void CleanUp(IActorRef owner, IMessageQueue deadletters)
        {
            while (TryDequeue(out var envelope))
            {
                if (envelope.Message is not Look)
                {
                    deadletters.Enqueue(owner, envelope);
                }
            }
        }

        private static int Length(Node? node)
        {
            var length = 0;
            for (; node is not null; node = node.Next)
            {
                length++;
            }

            return length;
        }

        private Node? TakeOver()
        {
            Node? inOrder = null;
            for (var node = Interlocked.Exchange(ref _arrived, null); node is not null;)
            {
                var earlier = node.Next;
                node.Next = inOrder;
                inOrder = node;
                node = earlier;
            }

            return inOrder;
        }

        private sealed class Node(Envelope envelope)
        {
            public Envelope Envelope { get; } = envelope;

            public Node? Next { get; set; }
        }
    }
}
