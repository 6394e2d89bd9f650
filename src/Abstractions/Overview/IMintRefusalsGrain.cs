using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;

namespace SessionManager.Overview;

/// <summary>
/// How many mints were refused, minute by minute, of all front ends together. In memory and no more: a refusal leaves no row, and
/// writing one for each would have whoever is refused load the database. One grain, key <see cref="Key"/>.
/// </summary>
[Alias("SessionManager.IMintRefusalsGrain")]
public interface IMintRefusalsGrain : IGrainWithStringKey
{
    const string Key = "mints";

    /// <summary>What one front end has refused since it last said so.</summary>
    Task Add(ImmutableArray<RefusalCount> counts);

    [ReadOnly]
    Task<RefusalHistory> History();
}

/// <param name="Minute">Its beginning (UTC).</param>
/// <param name="Code">The error's, as the catalogue has it.</param>
[GenerateSerializer, Immutable, Alias("refusal-count")]
public readonly record struct RefusalCount([property: Id(0)] DateTimeOffset Minute, [property: Id(1)] string Code, [property: Id(2)] int Count);

/// <param name="Since">Refusals before it are not known: what counts them began then.</param>
/// <param name="Counts">Of the last hour, oldest first.</param>
[GenerateSerializer, Immutable, Alias("refusal-history")]
public sealed record RefusalHistory([property: Id(0)] DateTimeOffset Since, [property: Id(1)] ImmutableArray<RefusalCount> Counts);
