using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using SessionManager.InProcess;

namespace SessionManager.Conformance;

public interface IMutableGrain : IGrainWithStringKey
{
    Task Take(List<string> names);

    Task<Dictionary<string, int>> Give();

    Task TakeRecord(ChangingRecord record);

    Task TakePromised([Immutable] string[] names);

    Task TakeFine(FineRecord record, ImmutableArray<FineRecord?> more, (int, string) tuple, CancellationToken cancellationToken);
}

public sealed record ChangingRecord(int Number)
{
    public string? Text { get; set; }
}

public sealed record FineRecord(int Number, DateTimeOffset At, Uri? Link, ImmutableDictionary<string, double> Values);

public sealed class SharingTests
{
    [Fact]
    public void What_could_change_under_the_other_sides_eyes_is_refused_by_name()
    {
        var refused = Assert.Throws<OrleansConfigurationException>(() => new ServiceCollection().BuildServiceProvider() is var services
            ? new InProcessEngine(services, new() { Store = new InMemoryGrainStore() }, []).GetGrain<IMutableGrain>(GrainId.Create("mutable", "a"))
            : null);

        Assert.Equal(
            ["Give: the result", "Take: parameter 'names'", "TakeRecord: parameter 'record'"],
            refused.Message.Split(Environment.NewLine).Select(line => line[(line.IndexOf("Grain.", StringComparison.Ordinal) + 6)..line.IndexOf(" holds", StringComparison.Ordinal)]).Order());
    }
}
