namespace ActorServer.Kestrel;

/// <summary>An exception of the application's that nobody in it has caught.</summary>
/// <param name="Answered">Its client gets a 500 for it.</param>
/// <param name="Left">It was thrown only because the client, or its connection, had gone.</param>
/// <param name="Began">The response had begun.</param>
internal readonly record struct Thrown(bool Answered, bool Left, bool Began);
