using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.CodeGeneration;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.Storage;
using Orleans.Timers;

namespace SessionManager.Simulation.Runtime;

/// <summary>Of one silo; the defaults are Orleans' own.</summary>
sealed record SiloOptions
{
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan ActivationTimeout { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan DeactivationTimeout { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(15);
    public TimeSpan CollectionQuantum { get; init; } = TimeSpan.FromMinutes(1);
    public TimeSpan MinimumReminderPeriod { get; init; } = TimeSpan.FromMinutes(1);
    public TimeSpan RefreshReminderListPeriod { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>
/// Runs the grains of one assembly as Orleans does, with its own proxies, requests, copiers and persistent state, but every turn
/// by the scheduler it is given, on one thread, and by one clock. Not there: several threads, serialization between processes,
/// directory, placement, membership, streams, extensions. Two silos over one store are two clusters that know nothing of one
/// another: every grain may be active in both.
/// </summary>
sealed class SimulatedSilo : IGrainFactory, IGrainReferenceRuntime, IGrainRuntime
{
    // Orleans' limit: the third activation to end before a call could start is one too many.
    const int MostForwards = 2;

    readonly Dictionary<GrainId, Activation> _activations = [];

    // References may be asked for on any thread.
    readonly ConcurrentDictionary<(Type, GrainType), (GrainReferenceShared Shared, OrleansParts.MakeReference Make)> _references = new();
    readonly ConcurrentDictionary<Type, GrainType> _grainTypes = new();
    readonly IReadOnlyDictionary<GrainType, GrainClass> _classes;
    readonly Reminders _reminders;
    readonly ITimer _collector;
    long _lastActivation;
    bool _running;
    bool _stopping;

    /// <param name="services">What the grains are given, a <see cref="TimeProvider"/> among it.</param>
    public SimulatedSilo(Assembly grains, IServiceProvider services, IGrainStorage storage, IReminderTable reminders, ITurnScheduler scheduler, SiloOptions options)
    {
        Options = options;
        Time = (TimeProvider)services.GetService(typeof(TimeProvider))!;
        Life = new SiloLife(scheduler);
        _classes = GrainClass.Of(grains);
        _reminders = new Reminders(this, reminders);
        Services = new SiloServices(this, services, storage, _reminders);
        _collector = Time.CreateTimer(static self => ((SimulatedSilo)self!).Collect(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public SiloOptions Options { get; }
    public TimeProvider Time { get; }
    public SiloLife Life { get; }
    public IServiceProvider Services { get; }

    /// <exception cref="SiloUnavailableException">It was stopped dead meanwhile.</exception>
    public async Task StartAsync()
    {
        await _reminders.StartAsync();
        if (Life.Ended)
            throw new SiloUnavailableException("The silo was stopped while it started.");
        _running = true;
        _collector.Change(Options.CollectionQuantum, Options.CollectionQuantum);
    }

    /// <summary>Ends every activation in order, each with its <c>OnDeactivateAsync</c>, until the token, or the deactivation timeout, says that it takes too long.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (!_running)
            return;
        _stopping = true;
        _reminders.Stop();
        _collector.Dispose();
        using var timeout = new CancellationTokenSource(Options.DeactivationTimeout, Time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            // A grain that ends may call another and so activate it: again until none is left.
            while (Activations() is { Count: > 0 } activations)
            {
                foreach (var activation in activations)
                    activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The silo stops."), patience.Token);
                await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Whatever has not ended by now ends as in a crash.
        }

        Abort();
    }

    /// <summary>
    /// Stops dead, as a crash would: no turn starts any more, no <c>OnDeactivateAsync</c> runs, callers outside get
    /// <see cref="SiloUnavailableException"/>. Storage is left as it is, for another silo to start on.
    /// </summary>
    public void Abort()
    {
        _running = false;
        Life.Ended = true;
        _reminders.Stop();
        _collector.Dispose();
        foreach (var activation in Activations())
            activation.Wake();
    }

    // Calls

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var call = new Call<T>(request, options, reference.GrainId);
        call.WatchCaller();
        Route(call);
        return new ValueTask<T?>(call.Answer);
    }

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options)
    {
        var call = new Call<object?>(request, options, reference.GrainId);
        call.WatchCaller();
        Route(call);
        return new ValueTask(call.Answer);
    }

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        throw new NotSupportedException("No grain has a one-way method.");

    public object Cast(IAddressable grain, Type interfaceType) =>
        interfaceType.IsInstanceOfType(grain) && grain is GrainReference ? grain : Reference(interfaceType, grain.GetGrainId());

    void Route(Call call)
    {
        if (Environment.CurrentManagedThreadId != Life.Thread)
        {
            Life.Scheduler.Enqueue(new Arrival("outside", () => Route(call)));
            return;
        }

        // While it stops, grains may still call each other, but nothing new comes in from outside.
        while (_running && !(_stopping && TurnQueue.Running is not RequestQueue))
        {
            if (!_activations.TryGetValue(call.Target, out var activation))
                _activations[call.Target] = activation = new Activation(this, _classes[call.Target.Type], call.Target);
            if (activation.TryPost(call))
                return;
            Forget(activation);
        }

        call.TryFail(new SiloUnavailableException("The silo is not running."));
    }

    /// <summary>Sends a call on whose activation has ended before it could start.</summary>
    public void Reroute(Call call)
    {
        if (call.Forwards++ == MostForwards)
            call.TryFail(OrleansInternals.Rejection($"{call} never started: {MostForwards + 1} activations of {call.Target} ended before it."));
        else if (!call.IsDone)
            Route(call);
    }

    // Activations

    public long NextActivation() => ++_lastActivation;

    public void Forget(Activation activation)
    {
        if (_activations.GetValueOrDefault(activation.GrainId) == activation)
            _activations.Remove(activation.GrainId);
    }

    public void DeactivateOnIdle(IGrainContext grainContext) =>
        grainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) => ((Activation)grainContext).DelayDeactivation(timeSpan);

    /// <summary>Whether the grain of this type and key has an activation.</summary>
    public bool IsActive(string type, string key) => _activations.ContainsKey(GrainId.Create(type, key));

    void Collect()
    {
        foreach (var activation in Activations().Where(activation => activation.LooksIdle))
            activation.PostCollect();
    }

    /// <summary>In the order they were made.</summary>
    public List<Activation> Activations() => [.. _activations.Values.OrderBy(activation => activation.Number)];

    // References

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey =>
        (TGrainInterface)(object)Reference(typeof(TGrainInterface), GrainId.Create(GrainTypeOf(typeof(TGrainInterface)), primaryKey));

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey =>
        (TGrainInterface)(object)Reference(typeof(TGrainInterface), GrainId.Create(GrainTypeOf(typeof(TGrainInterface)), GrainIdKeyExtensions.CreateIntegerKey(primaryKey)));

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable =>
        (TGrainInterface)(object)Reference(typeof(TGrainInterface), grainId);

    public GrainReference Reference(Type grainInterface, GrainId id)
    {
        if (!_references.TryGetValue((grainInterface, id.Type), out var found))
        {
            var shared = new GrainReferenceShared(
                id.Type, OrleansParts.InterfaceTypes.GetGrainInterfaceType(grainInterface), 0, this, InvokeMethodOptions.None,
                OrleansParts.Codecs, OrleansParts.CopyContexts, OrleansParts.Services);
            _references[(grainInterface, id.Type)] = found = (shared, OrleansParts.Proxy(grainInterface));
        }

        return found.Make(found.Shared, id.Key);
    }

    GrainType GrainTypeOf(Type grainInterface)
    {
        if (!_grainTypes.TryGetValue(grainInterface, out var type))
            _grainTypes[grainInterface] = type = _classes.Values.Single(candidate => candidate.Interfaces.Contains(grainInterface)).Type;
        return type;
    }

    // What else Orleans has of a runtime and a factory; no grain asks for it.

    public string SiloIdentity => "simulated";
    public SiloAddress SiloAddress => SiloAddress.Zero;
    public IGrainFactory GrainFactory => this;
    public ITimerRegistry TimerRegistry { get; } = new TimerRegistry();
    public IServiceProvider ServiceProvider => Services;
    public TimeProvider TimeProvider => Time;

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext) => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidKey =>
        throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey => throw new NotSupportedException();

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException();
}
