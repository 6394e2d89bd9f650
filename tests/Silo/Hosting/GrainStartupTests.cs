using System.Reflection;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Orleans.Runtime;
using SessionManager.Hosting;
using SessionManager.Sessions;

namespace SessionManager.Tests.Hosting;

public sealed class GrainStartupTests
{
    [Fact]
    public async Task A_silo_starts_though_the_sweep_is_still_thought_to_be_on_one_that_died()
    {
        var sweep = DispatchProxy.Create<ISweepGrain, Sweep>();
        var calls = (Sweep)(object)sweep;
        calls.Failures = 2;
        var startup = new GrainStartup(Always.Answering<IGrainFactory>(sweep), new Hurried());

        await startup.StartAsync(CancellationToken.None);
        Assert.Equal(3, calls.Made);

        calls.Failures = int.MaxValue;
        await Assert.ThrowsAsync<SiloUnavailableException>(() => startup.StartAsync(CancellationToken.None));

        calls.Failure = new InvalidOperationException();
        calls.Failures = 1;
        await Assert.ThrowsAsync<InvalidOperationException>(() => startup.StartAsync(CancellationToken.None));
    }

    /// <summary>Whoever waits has waited.</summary>
    sealed class Hurried : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Advance(dueTime);
            return timer;
        }
    }

    public class Sweep : DispatchProxy
    {
        public Exception Failure { get; set; } = new SiloUnavailableException();
        public int Failures { get; set; }
        public int Made { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Made++;
            return Failures-- > 0 ? Task.FromException(Failure) : Task.CompletedTask;
        }
    }
}
