using System.Collections.Immutable;

namespace SessionManager.Conformance.Calls;

public interface IEchoGrain : IGrainWithStringKey
{
    Task<string> Key();

    Task<Letter> Echo(Letter letter);

    ValueTask<int> Add(int a, int b);

    ValueTask Nothing();

    Task<string?> Null();

    Task Fail(string message);

    ValueTask<int> FailAtOnce(string message);

    Task WaitForCancellation(CancellationToken cancellationToken);

    Task WaitBehind(CancellationToken cancellationToken);

    Task<ImmutableArray<string>> List();

    Task<string> KeyOfOther(string key);

    /// <summary>Lets another grain write on a draft, as argument and as result.</summary>
    Task<string> ShareDraftWith(string key);

    Task<Draft> WriteOn(Draft draft);

    Task<string> ReadDraft();

    /// <summary>Whether another grain answers with the very letter it was sent.</summary>
    Task<bool> IsLetterShared(string key);
}

[GenerateSerializer, Immutable]
public sealed record Letter([property: Id(0)] string Text, [property: Id(1)] ImmutableDictionary<string, int> Numbers);

[GenerateSerializer]
public sealed class Draft
{
    [Id(0)]
    public string Text { get; set; } = "";
}

public sealed class EchoGrain(Probe probe) : Grain, IEchoGrain
{
    Draft _draft = new();

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<Letter> Echo(Letter letter) => Task.FromResult(letter);

    public ValueTask<int> Add(int a, int b) => new(a + b);

    public ValueTask Nothing() => default;

    public Task<string?> Null() => Task.FromResult<string?>(null);

    public async Task Fail(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public ValueTask<int> FailAtOnce(string message) => throw new ArgumentException(message);

    public async Task WaitForCancellation(CancellationToken cancellationToken)
    {
        probe.Report("waiting");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            probe.Report("cancelled inside");
            throw;
        }
    }

    public Task WaitBehind(CancellationToken cancellationToken)
    {
        probe.Report("ran behind");
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<string>> List() => Task.FromResult(ImmutableArray.Create("a", "b"));

    public Task<string> KeyOfOther(string key) => GrainFactory.GetGrain<IEchoGrain>(key).Key();

    public async Task<string> ShareDraftWith(string key)
    {
        var draft = new Draft { Text = "mine" };
        var written = await GrainFactory.GetGrain<IEchoGrain>(key).WriteOn(draft);
        written.Text += ", mine again";
        return draft.Text;
    }

    public Task<Draft> WriteOn(Draft draft)
    {
        draft.Text += ", theirs";
        _draft = draft;
        return Task.FromResult(draft);
    }

    public Task<string> ReadDraft() => Task.FromResult(_draft.Text);

    public async Task<bool> IsLetterShared(string key)
    {
        var letter = new Letter("x", ImmutableDictionary<string, int>.Empty);
        return ReferenceEquals(letter, await GrainFactory.GetGrain<IEchoGrain>(key).Echo(letter));
    }
}

public interface IIntegerGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public sealed class IntegerGrain : Grain, IIntegerGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}

public sealed class OrleansCallTests : CallTests<OrleansHost>;

public sealed class SimulatedCallTests : CallTests<SimulatedHost>;

public abstract class CallTests<THost> : ConformanceTests<THost> where THost : IGrainHost, new()
{
    [Fact]
    public async Task A_grain_knows_its_key() => Assert.Equal("some/key", await Soon(Grain<IEchoGrain>("some/key").Key()));

    [Fact]
    public async Task A_grain_may_have_an_integer_for_a_key() =>
        Assert.Equal(-5, await Soon(Host.Grains.GetGrain<IIntegerGrain>(-5).Key()));

    [Fact]
    public async Task A_grain_calls_another() => Assert.Equal("b", await Soon(Grain<IEchoGrain>().KeyOfOther("b")));

    [Fact]
    public async Task Arguments_and_results_arrive_as_they_were_sent()
    {
        var letter = new Letter("hello", ImmutableDictionary<string, int>.Empty.Add("one", 1));

        var echoed = await Soon(Grain<IEchoGrain>().Echo(letter));

        Assert.Equal(letter.Text, echoed.Text);
        Assert.Equal(letter.Numbers.ToArray(), echoed.Numbers.ToArray());
        Assert.Equal(["a", "b"], (await Soon(Grain<IEchoGrain>().List())).ToArray());
    }

    [Fact]
    public async Task What_can_change_is_copied_on_its_way_there_and_back()
    {
        Assert.Equal("mine", await Soon(Grain<IEchoGrain>().ShareDraftWith("b")));
        Assert.Equal("mine, theirs", await Soon(Grain<IEchoGrain>("b").ReadDraft()));
    }

    [Fact]
    public async Task What_is_marked_immutable_is_not_copied() => Assert.True(await Soon(Grain<IEchoGrain>().IsLetterShared("b")));

    [Fact]
    public async Task All_four_task_types_can_be_returned()
    {
        var grain = Grain<IEchoGrain>();

        Assert.Equal(5, await grain.Add(2, 3));
        await grain.Nothing();
        Assert.Null(await Soon(grain.Null()));
    }

    [Fact]
    public async Task An_exception_reaches_the_caller_with_its_type_and_message()
    {
        var late = await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(Grain<IEchoGrain>().Fail("no luck")));
        var early = await Assert.ThrowsAsync<ArgumentException>(async () => await Grain<IEchoGrain>().FailAtOnce("bad"));

        Assert.Equal("no luck", late.Message);
        Assert.Equal("bad", early.Message);
    }

    [Fact]
    public async Task An_exception_leaves_the_activation_alive()
    {
        var grain = Grain<IEchoGrain>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(grain.Fail("once")));

        Assert.Equal("a", await Soon(grain.Key()));
    }

    [Fact]
    public async Task Cancelling_a_call_cancels_the_callers_wait_and_the_callees_token()
    {
        using var cancellation = new CancellationTokenSource();
        var call = Grain<IEchoGrain>().WaitForCancellation(cancellation.Token);
        await Probe.Seen("waiting");

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(call));
        await Probe.Seen("cancelled inside");
    }

    [Fact]
    public async Task A_call_with_a_cancelled_token_never_starts()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(Grain<IEchoGrain>().WaitBehind(new(canceled: true))));

        await Soon(Grain<IEchoGrain>().Key());
        Assert.Equal(0, Probe.Count("ran behind"));
    }
}
