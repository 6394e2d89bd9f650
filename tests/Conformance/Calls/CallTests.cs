using System.Collections.Immutable;
using System.Diagnostics;

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

    Task<string?> ContextValue(string name);

    Task<string?> ContextValueFurther(string name, string next);

    Task SetContext(string name, string value);

    [OneWay]
    Task FireAndForget(string gate);

    [OneWay]
    Task FireAndFail();

    Task WaitForCancellation(CancellationToken cancellationToken);

    Task WaitAt(string gate);

    Task WaitBehind(CancellationToken cancellationToken);

    Task<string> CallBack(IEchoGrain other);

    Task<IEchoGrain> Self();

    Task<IEchoGrain> This();

    Task<string> IntroduceYourselfTo(IEchoGrain other);

    Task<string> KeyOf(IEchoGrain other);

    Task<string?> TraceId();

    Task<ImmutableArray<string>> List();
}

[GenerateSerializer, Immutable]
public sealed record Letter([property: Id(0)] string Text, [property: Id(1)] ImmutableDictionary<string, int> Numbers);

public sealed class EchoGrain(Probe probe) : Grain, IEchoGrain
{
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

    public Task<string?> ContextValue(string name) => Task.FromResult((string?)RequestContext.Get(name));

    public Task<string?> ContextValueFurther(string name, string next) => GrainFactory.GetGrain<IEchoGrain>(next).ContextValue(name);

    public Task SetContext(string name, string value)
    {
        RequestContext.Set(name, value);
        return Task.CompletedTask;
    }

    public async Task FireAndForget(string gate)
    {
        await probe.Gate(gate);
        probe.Report("one-way done");
    }

    public Task FireAndFail()
    {
        probe.Report("one-way failed");
        throw new InvalidOperationException("nobody hears this");
    }

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

    public async Task WaitAt(string gate)
    {
        probe.Report($"at {gate}");
        await probe.Gate(gate);
    }

    public Task WaitBehind(CancellationToken cancellationToken)
    {
        probe.Report("ran behind");
        return Task.CompletedTask;
    }

    public Task<string> CallBack(IEchoGrain other) => other.Key();

    public Task<IEchoGrain> Self() => Task.FromResult(this.AsReference<IEchoGrain>());

    public Task<IEchoGrain> This() => Task.FromResult<IEchoGrain>(this);

    public Task<string> IntroduceYourselfTo(IEchoGrain other) => other.KeyOf(this);

    public Task<string> KeyOf(IEchoGrain other) => Task.FromResult(other.GetPrimaryKeyString());

    public Task<string?> TraceId() => Task.FromResult(Activity.Current?.TraceId.ToString());

    public Task<ImmutableArray<string>> List() => Task.FromResult(ImmutableArray.Create("a", "b"));
}

public interface IGuidGrain : IGrainWithGuidKey
{
    Task<Guid> Key();
}

public sealed class GuidGrain : Grain, IGuidGrain
{
    public Task<Guid> Key() => Task.FromResult(this.GetPrimaryKey());
}

public interface IIntegerGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public sealed class IntegerGrain : Grain, IIntegerGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}

public interface IPlainGrain : IGrainWithStringKey
{
    Task<string> Name();
}

public sealed class PlainGrain(IGrainContext context) : IGrainBase, IPlainGrain
{
    public IGrainContext GrainContext { get; } = context;

    public Task<string> Name() => Task.FromResult(GrainContext.GrainId.ToString());
}

public sealed class CallTests : EngineTests
{
    [Fact]
    public async Task A_grain_knows_its_key() => Assert.Equal("some/key", await Soon(Grain<IEchoGrain>("some/key").Key()));

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
    public async Task All_four_task_types_can_be_returned()
    {
        var grain = Grain<IEchoGrain>();

        Assert.Equal(5, await grain.Add(2, 3));
        await grain.Nothing();
        Assert.Null(await Soon(grain.Null()));
        await Soon(grain.SetContext("x", "y"));
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
    public async Task The_request_context_travels_with_a_call_and_the_calls_it_makes()
    {
        RequestContext.Set("colour", "blue");
        try
        {
            Assert.Equal("blue", await Soon(Grain<IEchoGrain>().ContextValue("colour")));
            Assert.Equal("blue", await Soon(Grain<IEchoGrain>().ContextValueFurther("colour", "b")));
        }
        finally
        {
            RequestContext.Clear();
        }
    }

    [Fact]
    public async Task What_a_callee_sets_in_the_request_context_does_not_come_back_nor_stay()
    {
        await Soon(Grain<IEchoGrain>().SetContext("colour", "red"));

        Assert.Null(RequestContext.Get("colour"));
        Assert.Null(await Soon(Grain<IEchoGrain>().ContextValue("colour")));
    }

    [Fact]
    public async Task A_one_way_call_is_not_waited_for()
    {
        await Soon(Grain<IEchoGrain>().FireAndForget("gate"));
        Assert.Equal(0, Probe.Count("one-way done"));

        Probe.Open("gate");

        await Probe.Seen("one-way done");
    }

    [Fact]
    public async Task A_failing_one_way_call_does_not_fail_its_caller()
    {
        await Soon(Grain<IEchoGrain>().FireAndFail());

        await Probe.Seen("one-way failed");
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

    [Fact]
    public async Task References_can_be_passed_returned_and_compared()
    {
        var other = Grain<IEchoGrain>("b");

        Assert.Equal("b", await Soon(Grain<IEchoGrain>().CallBack(other)));
        Assert.Equal(other, await Soon(other.Self()));
        Assert.Equal(other.GetGrainId(), Grain<IEchoGrain>("b").GetGrainId());
        Assert.NotEqual<object>(other, Grain<IEchoGrain>("c"));
    }

    [Fact]
    public async Task A_grain_that_hands_out_itself_hands_out_a_reference()
    {
        var itself = await Soon(Grain<IEchoGrain>().This());

        Assert.IsNotType<EchoGrain>(itself);
        Assert.Equal("a", await Soon(itself.Key()));
        Assert.Equal("a", await Soon(Grain<IEchoGrain>().IntroduceYourselfTo(Grain<IEchoGrain>("b"))));
    }

    [Fact]
    public async Task Grains_may_have_guid_or_integer_keys()
    {
        var guid = Guid.Parse("0123abcd-0000-4000-8000-0000000000ff");

        Assert.Equal(guid, await Soon(Host.Client.GetGrain<IGuidGrain>(guid).Key()));
        Assert.Equal(-5, await Soon(Host.Client.GetGrain<IIntegerGrain>(-5).Key()));
    }

    [Fact]
    public async Task A_class_need_not_derive_from_Grain() =>
        Assert.Equal("plain/x", await Soon(Grain<IPlainGrain>("x").Name()));

    [Fact]
    public async Task The_callers_activity_is_the_callees_parent()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.Orleans.Application",
            Sample = (ref _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        using var activity = new Activity("outside").Start();

        Assert.Equal(activity.TraceId.ToString(), await Soon(Grain<IEchoGrain>().TraceId()));
    }
}
