using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>An activation, for lists and leak checks.</summary>
public readonly record struct ActivationInfo(GrainId Grain, Type Class);

/// <summary>Hosts grains in this process. Several engines can live side by side; each is a world of its own.</summary>
public sealed class InProcessEngine : IClusterClient, IHostedService, ICallRouter
{
    readonly ConcurrentDictionary<GrainId, ActivationGroup> _grains = new();
    readonly ConcurrentDictionary<GrainId, ObserverQueue> _observers = new();
    readonly ConcurrentDictionary<Type, GrainClass> _resolved = new();
    readonly Dictionary<GrainType, GrainClass> _classes = [];
    readonly ITimer _collector;
    long _lastObserver;
    long _lastActivation;
    volatile bool _running;
    volatile bool _stopping;

    /// <param name="grains">The assemblies whose grain classes it hosts.</param>
    /// <exception cref="OrleansConfigurationException">A grain class or interface cannot be hosted; every problem is named.</exception>
    public InProcessEngine(IServiceProvider services, InProcessOptions options, IEnumerable<Assembly> grains)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(grains);
        ServiceProvider = services;
        Options = options;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Store = options.Store ?? throw new OrleansConfigurationException("The engine has no store: choose SQLite or PostgreSQL.");
        Log = new(services.GetService<ILogger<InProcessEngine>>() ?? NullLogger<InProcessEngine>.Instance);
        Life = new(options, Log);
        Reminders = new(this);
        FindClasses(grains);
        _collector = Time.CreateTimer(static self => ((InProcessEngine)self!).Collect(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public IServiceProvider ServiceProvider { get; }

    /// <summary>Every activation there is at this moment.</summary>
    public IReadOnlyList<ActivationInfo> Activations => [.. AllActivations().Select(activation => new ActivationInfo(activation.GrainId, activation.Class.Type))];

    internal InProcessOptions Options { get; }
    internal TimeProvider Time { get; }
    internal IGrainStore Store { get; }
    internal EngineLog Log { get; }
    internal TurnLife Life { get; }
    internal ReminderService Reminders { get; }

    /// <exception cref="StorageUnusableException">The store cannot be opened.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Store.StartAsync(cancellationToken);
        try
        {
            await Reminders.StartAsync();
        }
        catch
        {
            await Store.StopAsync();
            throw;
        }

        _running = true;
        _collector.Change(Options.CollectionQuantum, Options.CollectionQuantum);
    }

    /// <summary>Ends every activation in order, each with its <c>OnDeactivateAsync</c>, until the token, or the deactivation timeout, says that it takes too long.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_running) return;
        _stopping = true;
        Reminders.Dispose();
        _collector.Dispose();
        using var timeout = new CancellationTokenSource(Options.DeactivationTimeout, Time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // A grain that ends may call another and so activate it: again until none is left.
            while (AllActivations() is { Count: > 0 } activations)
            {
                foreach (var activation in activations) activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, null, "The engine stops."), patience.Token);
                await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Log.StopIncomplete(AllActivations().Count);
        }

        Abort();
        await Store.StopAsync();
    }

    /// <summary>
    /// Stops dead, as a crash would: no turn starts any more, no <c>OnDeactivateAsync</c> runs, callers outside get
    /// <see cref="SiloUnavailableException"/>. The store is left as it is, for another engine to start on.
    /// </summary>
    public void Abort()
    {
        _running = false;
        Life.Ended = true;
        Reminders.Dispose();
        _collector.Dispose();
        foreach (var activation in AllActivations()) activation.Wake();
        foreach (var observer in _observers.OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal)) observer.Value.Wake();
    }

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey) where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Reference<TGrainInterface>(primaryKey);
    }

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey) where TGrainInterface : IGrainWithGuidKey =>
        Reference<TGrainInterface>($"{primaryKey:N}");

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey) where TGrainInterface : IGrainWithIntegerKey =>
        Reference<TGrainInterface>($"{primaryKey:X}");

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable =>
        (TGrainInterface)(object)GrainReference.Create(typeof(TGrainInterface), grainId, this);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        var id = GrainId.Create("observer", $"{Interlocked.Increment(ref _lastObserver)}");
        var queue = new ObserverQueue(this, obj, id);
        _observers[id] = queue;
        return (TGrainObserverInterface)(object)GrainReference.Create(typeof(TGrainObserverInterface), id, queue);
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver
    {
        if ((object)obj is not GrainReference reference)
            throw new ArgumentException("It must be the reference that CreateObjectReference returned.", nameof(obj));
        if (_observers.TryRemove(reference.GrainId, out var queue)) queue.Delete();
    }

    void ICallRouter.Route(Call call)
    {
        // While it stops, grains may still call each other, but nothing new comes in from outside.
        while (_running && !(_stopping && TurnQueue.Running is not RequestQueue))
        {
            if (!_classes.TryGetValue(call.Target.Type, out var grainClass))
            {
                call.TryFail(new ArgumentException($"There is no grain class of type '{call.Target.Type}'."));
                return;
            }

            var group = _grains.GetOrAdd(call.Target, static (id, made) => new(made.Engine, made.Class, id), (Engine: this, Class: grainClass));
            if (group.TryRoute(call)) return;
        }

        FailStopped(call);
    }

    /// <summary>Sends a call on whose activation has ended before it could start.</summary>
    internal void Reroute(Call call)
    {
        // Orleans' limit: the third activation to end before the call could start is one too many.
        const int Most = 2;
        if (call.Forwards++ == Most) call.TryFail(new OrleansMessageRejectionException($"{call} never started: {Most + 1} activations of {call.Target} ended before it."));
        else if (!call.IsDone) ((ICallRouter)this).Route(call);
    }

    internal long NextActivation() => Interlocked.Increment(ref _lastActivation);
    internal void Forget(ActivationGroup group) => _grains.TryRemove(new(group.Id, group));
    internal void Forget(ObserverQueue observer, GrainId id) => _observers.TryRemove(new(id, observer));
    internal static void FailStopped(Call call) => call.TryFail(new SiloUnavailableException("The engine is not running."));

    /// <summary>In the order they were made.</summary>
    List<Activation> AllActivations() => [.. _grains.SelectMany(grain => grain.Value.Activations).OrderBy(activation => activation.Number)];

    void Collect()
    {
        var now = Time.GetTimestamp();
        foreach (var activation in AllActivations().Where(activation => activation.LooksIdle(now))) activation.PostCollect();
    }

    TGrainInterface Reference<TGrainInterface>(string key) where TGrainInterface : IAddressable =>
        GetGrain<TGrainInterface>(GrainId.Create(_resolved.GetOrAdd(typeof(TGrainInterface), Resolve).GrainType, key));

    GrainClass Resolve(Type grainInterface)
    {
        var candidates = _classes.Values.Where(candidate => candidate.Interfaces.Contains(grainInterface)).ToList();
        return candidates.Find(candidate => $"I{candidate.Type.Name}" == grainInterface.Name)
            ?? (candidates is [var only] ? only : throw new ArgumentException(candidates.Count == 0
                ? $"Could not find an implementation for interface {grainInterface}"
                : $"Several grain classes implement {grainInterface}: {string.Join(", ", candidates.Select(c => c.Type.Name))}."));
    }

    void FindClasses(IEnumerable<Assembly> assemblies)
    {
        var problems = new List<string>();
        foreach (var type in assemblies.Distinct().SelectMany(assembly => assembly.GetTypes()))
        {
            if (type is not { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
                || !type.IsAssignableTo(typeof(IGrainBase)) || !type.IsAssignableTo(typeof(IGrain))) continue;
            try
            {
                var grainClass = new GrainClass(type, Options.CollectionAge);
                foreach (var grainInterface in grainClass.Interfaces) GrainMethod.Of(grainInterface);
                if (!_classes.TryAdd(grainClass.GrainType, grainClass))
                    problems.Add($"{type.FullName} and {_classes[grainClass.GrainType].Type.FullName} are both of grain type '{grainClass.GrainType}'. Give one a [GrainType].");
            }
            catch (OrleansConfigurationException exception)
            {
                problems.Add(exception.Message);
            }
        }

        if (problems.Count > 0) throw new OrleansConfigurationException(string.Join(Environment.NewLine, problems));
    }
}
