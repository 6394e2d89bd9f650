using System.Data.Common;
using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using SessionManager.Accounts;
using SessionManager.Clustering;

namespace SessionManager.Tests.Clustering;

/// <summary>Which calls are made again when silos come and go. Their callers see no more of it than that they took longer.</summary>
public class RepeatLostCallsTests
{
    const string Question = nameof(IAccountGrain.Enter);
    const string Mint = nameof(IAccountGrain.Mint);
    const string Command = nameof(IAccountGrain.KeyRevoked);

    [Theory]
    [InlineData(Question)]
    [InlineData(Mint)]
    [InlineData(Command)]
    public async Task What_a_silo_refused_was_never_begun_and_is_made_again(string method) =>
        Assert.Equal(2, await CallsOf(method, Thrown<OrleansMessageRejectionException>()));

    [Theory]
    [InlineData(typeof(SiloUnavailableException))]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(OrleansException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task A_lost_or_overtaken_question_is_made_again(Type failure) =>
        Assert.Equal(2, await CallsOf(Question, Thrown(failure)));

    [Theory]
    [InlineData(typeof(SiloUnavailableException))]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(OrleansException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task A_lost_call_that_changes_something_is_its_callers_to_repeat(Type failure)
    {
        Assert.Equal(1, await CallsOf(Mint, Thrown(failure)));
        Assert.Equal(1, await CallsOf(Command, Thrown(failure)));
    }

    [Fact]
    public async Task A_database_that_is_away_is_not_asked_again_and_again() =>
        Assert.Equal(1, await CallsOf(Question, new BrokenDatabase()));

    static async Task<int> CallsOf(string method, Exception firstFailure)
    {
        int[] times = [await CallsOf(thrown: true), await CallsOf(thrown: false)];
        return Assert.Single(times.Distinct());

        async Task<int> CallsOf(bool thrown)
        {
            var call = new Call(method, firstFailure, thrown);
            var caught = await Record.ExceptionAsync(() => new RepeatLostCalls(TimeProvider.System).Invoke(call));
            // Thrown on, or left in the answer, as it came.
            Assert.Equal(call.Times == 1 ? firstFailure : null, thrown ? caught : call.Response!.Exception);
            return call.Times;
        }
    }

    static Exception Thrown<T>() => Thrown(typeof(T));

    static Exception Thrown(Type type) =>
        (Exception)Activator.CreateInstance(type, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, ["lost"], null)!;

    sealed class BrokenDatabase : DbException;

    /// <summary>A call that fails the first time it is made: throws, or is answered with the failure.</summary>
    sealed class Call(string method, Exception firstFailure, bool thrown) : IOutgoingGrainCallContext
    {
        public int Times { get; private set; }
        public Response? Response { get; set; }
        public IInvokable Request { get; } = new Message();
        public MethodInfo InterfaceMethod { get; } = typeof(IAccountGrain).GetMethod(method)!;

        public Task Invoke()
        {
            if (++Times == 1 && thrown)
                throw firstFailure;
            Response = Times == 1 ? Response.FromException(firstFailure) : Response.Completed;
            return Task.CompletedTask;
        }

        public object Grain => throw new NotSupportedException();
        public GrainId? SourceId => null;
        public GrainId TargetId => default;
        public GrainInterfaceType InterfaceType => default;
        public string InterfaceName => nameof(IAccountGrain);
        public string MethodName => InterfaceMethod.Name;
        public object? Result { get; set; }
        public IGrainContext? SourceContext => null;
    }

    sealed class Message : RequestBase
    {
        public override int GetArgumentCount() => 0;
        public override object GetArgument(int index) => throw new NotSupportedException();
        public override void SetArgument(int index, object value) => throw new NotSupportedException();
        public override ValueTask<Response> Invoke() => throw new NotSupportedException();
        public override object GetTarget() => throw new NotSupportedException();
        public override void SetTarget(ITargetHolder holder) => throw new NotSupportedException();
        public override string GetMethodName() => throw new NotSupportedException();
        public override string GetInterfaceName() => throw new NotSupportedException();
        public override string GetActivityName() => throw new NotSupportedException();
        public override Type GetInterfaceType() => throw new NotSupportedException();
        public override MethodInfo GetMethod() => throw new NotSupportedException();
        public override void Dispose()
        {
        }
    }
}
