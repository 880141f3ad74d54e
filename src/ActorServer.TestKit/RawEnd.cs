namespace ActorServer.TestKit;

/// <summary>How a connection ended.</summary>
public enum RawEnd
{
    /// <summary>With a FIN.</summary>
    Closed,

    /// <summary>With a RST.</summary>
    Reset,
}
