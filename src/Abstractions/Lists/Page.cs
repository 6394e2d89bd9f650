using System.Collections.Immutable;

namespace SessionManager.Lists;

/// <summary>One page of a list.</summary>
/// <param name="Cursor">Where the next page goes on; null on the last.</param>
public sealed record Page<T>(ImmutableArray<T> Data, string? Cursor);
