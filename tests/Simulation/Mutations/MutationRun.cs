using System.Reflection;
using System.Runtime.Loader;

namespace SessionManager.Simulation;

/// <summary>Puts each defect into the grains, one at a time, and runs seeds until a promise is seen broken.</summary>
static class MutationRun
{
    /// <summary>Worlds that a defect gets to show itself in.</summary>
    const int MostWorlds = 1500;

    /// <param name="Check">The promise that was broken, of those that it is to break; null where none was.</param>
    /// <param name="Others">The other ones that runs broke first, and how many did.</param>
    public sealed record Result(Mutation Mutation, string? Check, long Seeds, string Others, string? Scenario);

    public static IEnumerable<Result> Run(IEnumerable<Mutation> mutations)
    {
        using var compiler = new GrainCompiler();
        foreach (var mutation in mutations)
        {
            var (check, seeds, others, scenario) = mutation.Defect == StoreDefect.None
                ? InMutatedGrains(compiler.Compile(mutation), mutation)
                : MutationTrial.Run(mutation.Breaks, MostWorlds, (int)mutation.Needs, (int)mutation.In, (int)mutation.Defect);
            // What fails without the defect as well proves nothing.
            if (scenario is not null && OwnThread.Run(Scenario.Parse(scenario)).Violation is not null)
                check = null;
            yield return new Result(mutation, check, seeds, others, scenario);
        }
    }

    static (string? Check, long Seeds, string Others, string? Scenario) InMutatedGrains(byte[] grains, Mutation mutation)
    {
        var context = new MutatedContext(grains);
        var trial = context.LoadFromAssemblyPath(typeof(MutationRun).Assembly.Location).GetType(typeof(MutationTrial).FullName!)!
            .GetMethod(nameof(MutationTrial.Run), BindingFlags.Public | BindingFlags.Static)!;
        var result = ((string?, long, string, string?))trial.Invoke(null, [mutation.Breaks, MostWorlds, (int)mutation.Needs, (int)mutation.In, 0])!;
        context.Unload();
        return result;
    }

    /// <summary>The mutated grains, and a simulator of their own that refers to them; all else is shared.</summary>
    sealed class MutatedContext(byte[] grains) : AssemblyLoadContext("mutated", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name != "SessionManager.Grains")
                return null;
            using var stream = new MemoryStream(grains);
            return LoadFromStream(stream);
        }
    }
}

/// <summary>What runs inside the context of the mutated grains.</summary>
public static class MutationTrial
{
    /// <param name="breaks">The promises to be seen broken.</param>
    /// <param name="needs">The fault that a world must have, as a number: the caller's type is another than this one's.</param>
    /// <param name="emphasis">The emphasis, likewise.</param>
    /// <param name="defect">What the session store does wrong, likewise.</param>
    public static (string? Check, long Seeds, string Others, string? Scenario) Run(string breaks, int mostWorlds, int needs, int emphasis, int defect)
    {
        var promises = breaks.Split(',', StringSplitOptions.TrimEntries);
        var runner = new Runner
        {
            StopAt = 1,
            MostWorlds = mostWorlds,
            IsQuiet = true,
            OnlySmall = true,
            Needs = (Fault)needs,
            In = (Emphasis)emphasis,
            Defect = (StoreDefect)defect,
            Counts = promises.Contains,
        };
        var totals = runner.Run(new Seeds(1, ulong.MaxValue), TimeSpan.MaxValue);
        var failure = runner.Failures.OrderBy(failure => failure.Scenario.Seed).FirstOrDefault();
        return (failure?.Violation!.Check, failure is null ? totals.Seeds : (long)failure.Scenario.Seed,
            string.Join(", ", runner.Others.Select(other => $"{other.Key} {other.Value}")), failure?.Scenario.ToString());
    }
}
