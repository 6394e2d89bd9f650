namespace SessionManager.Simulation;

/// <summary>A defect put into the grains on purpose: the text it takes out of one of their files, and what it puts there.</summary>
/// <param name="File">Under src/Grains.</param>
/// <param name="Breaks">The promise that it breaks; of several, separated by commas, any. Another one that is broken before does not count.</param>
/// <param name="Original">Must be there exactly once: a mutation that no longer fits fails the run.</param>
sealed record Mutation(string Name, string Breaks, string File, string Original, string Mutant)
{
    public static readonly IReadOnlyList<Mutation> All = [.. MutationList.Grains, .. MutationList.Store];

    /// <summary>A defect of the session store instead, with the grains as they are.</summary>
    public StoreDefect Defect { get; init; }

    /// <summary>Only worlds with this fault can tell: the others are not run.</summary>
    public Fault Needs { get; init; }

    /// <summary>Worlds with this emphasis tell soonest: only they are run.</summary>
    public Emphasis In { get; init; }

    public static Mutation Of(StoreDefect defect, string name, string breaks) => new(name, breaks, "", "", "") { Defect = defect };

    /// <exception cref="InvalidOperationException">The grains have changed and it no longer fits.</exception>
    public string Apply(string source)
    {
        var at = source.IndexOf(Original, StringComparison.Ordinal);
        if (at < 0 || source.IndexOf(Original, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"The mutation '{Name}' does not fit {File} any more: look for its text there and correct it.");
        return string.Concat(source.AsSpan(0, at), Mutant, source.AsSpan(at + Original.Length));
    }
}
