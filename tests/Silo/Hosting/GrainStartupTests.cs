using System.Reflection;
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
        var grains = DispatchProxy.Create<IGrainFactory, Factory>();
        ((Factory)(object)grains).Grain = sweep;

        await new GrainStartup(grains, TimeProvider.System).StartAsync(CancellationToken.None);
        Assert.Equal(3, calls.Made);

        calls.Failure = new InvalidOperationException();
        calls.Failures = 1;
        await Assert.ThrowsAsync<InvalidOperationException>(() => new GrainStartup(grains, TimeProvider.System).StartAsync(CancellationToken.None));
    }

    public class Factory : DispatchProxy
    {
        public object? Grain { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grain;
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
