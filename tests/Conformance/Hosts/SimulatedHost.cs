using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SessionManager.Simulation.Runtime;

namespace SessionManager.Conformance;

/// <summary>The simulation's silo, on a thread of its own that takes turns from any other.</summary>
public sealed class SimulatedHost : IGrainHost
{
    readonly StateInMemory _state;
    readonly RemindersInMemory _reminders = new();
    readonly OneThread _thread = new();
    readonly ServiceProvider _services;
    SimulatedSilo? _silo;

    public SimulatedHost()
    {
        _state = new(Probe);
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(Probe)
            .AddSingleton<Lifecycle.Instances>()
            .BuildServiceProvider();
    }

    public IGrainFactory Grains => _silo!;

    public Probe Probe { get; } = new();

    public FakeTimeProvider Time { get; } = new(Probe.Start);

    public Task StartAsync() => _thread.Run(() =>
    {
        var options = new SiloOptions { CollectionAge = TimeSpan.FromHours(1) };
        _silo = new SimulatedSilo(typeof(SimulatedHost).Assembly, _services, _state, _reminders, _thread, options);
        return _silo.StartAsync();
    });

    public async Task RestartAsync()
    {
        await _thread.Run(() => _silo!.StopAsync(CancellationToken.None));
        await StartAsync();
    }

    public void PassResponseTimeout() => Time.Advance(new SiloOptions().ResponseTimeout);

    public void HoldWrites(string gate) => _state.Gate = gate;

    public void WriteBehind<T>(GrainId grain, string name, T state) => _state.Overwrite(grain, name, state);

    public async ValueTask DisposeAsync()
    {
        await _thread.Run(() =>
        {
            _silo!.Abort();
            return Task.CompletedTask;
        });
        _thread.Dispose();
        await _services.DisposeAsync();
    }

    sealed class OneThread : ITurnScheduler, IDisposable
    {
        readonly BlockingCollection<ITurnSource> _turns = [];

        public OneThread() => new Thread(() =>
        {
            foreach (var turn in _turns.GetConsumingEnumerable())
                turn.RunTurn();
        })
        { IsBackground = true }.Start();

        public void Enqueue(ITurnSource source)
        {
            // A tick or a timeout may come when all is over.
            if (!_turns.IsAddingCompleted)
                _turns.Add(source);
        }

        public Task Run(Func<Task> work)
        {
            var done = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
            _turns.Add(new Arrival("host", () =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            }));
            return done.Task.Unwrap();
        }

        public void Dispose() => _turns.CompleteAdding();
    }
}
