namespace ActorServer.Core;

/// <summary>How a request ended.</summary>
public enum RequestOutcome
{
    /// <summary>The whole answer was handed to the wire; of an upgraded request: its handler ended by itself.</summary>
    Completed,

    /// <summary>The client went before its answer was whole.</summary>
    ClientGone,

    /// <summary>The application threw before the response began: the answer is a 500.</summary>
    Failed,

    /// <summary>The application threw after the response began: the connection or stream was cut, so that the client can tell.</summary>
    FailedLate,

    /// <summary>The request timed out: the answer is a 504.</summary>
    TimedOut,

    /// <summary>A drain, an operator, the application or the server's own limits cut it before its answer was whole.</summary>
    Aborted,

    /// <summary>The server refused it as malformed, too large or too slow (400, 408, 413, 414, 431, 505).</summary>
    Refused,
}
