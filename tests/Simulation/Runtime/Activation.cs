using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.Simulation.Runtime;

/// <summary>One living instance of a grain: created for its first request, ended when idle, on demand, or with the silo.</summary>
sealed class Activation : RequestQueue, IGrainContext, IWorkItemScheduler
{
    readonly TaskCompletionSource _deactivated = new();
    readonly GrainClass _class;
    Lifecycle? _lifecycle;
    IGrainContext? _outer;
    bool _active;
    object? _instance;
    List<GrainTimer>? _timers;
    DeactivationReason? _reason;
    GrainReference? _reference;
    long _lastUsed;
    DateTimeOffset _keepUntil = DateTimeOffset.MinValue;

    public Activation(SimulatedSilo silo, GrainClass grainClass, GrainId id) : base(silo, id.ToString())
    {
        _class = grainClass;
        GrainId = id;
        Number = silo.NextActivation();
        _lastUsed = silo.Time.GetTimestamp();
        Post(() => _ = ActivateAsync());
    }

    public GrainId GrainId { get; }

    /// <summary>Counts up as activations are made: their order wherever several are dealt with, the same in every run.</summary>
    public long Number { get; }

    /// <summary>Ends when the activation has ended.</summary>
    public Task Deactivated => _deactivated.Task;

    protected override bool IsReady => _active && _reason is null;
    protected override bool IsReadyForItsOwn => _active;
    protected override bool Reentrant => _class.Reentrant;

    public GrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        (_timers ??= []).Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void RemoveTimer(GrainTimer timer) => _timers?.Remove(timer);

    public void DelayDeactivation(TimeSpan time) => _keepUntil =
        time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue
        : time <= TimeSpan.Zero ? DateTimeOffset.MinValue
        : Silo.Time.GetUtcNow() + time;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        // At once where it is asked for in one of its turns: what comes in later goes to the next activation.
        if (Running == this)
            _reason ??= deactivationReason;
        Post(() =>
        {
            _reason ??= deactivationReason;
            AfterTurn();
        });
    }

    public void PostCollect() => Post(() =>
    {
        if (IsReady && Idle && LooksIdle)
            Deactivate(new(DeactivationReasonCode.ActivationIdle, "It was idle for longer than its collection age."));
    });

    /// <summary>It only says whether <see cref="PostCollect"/> is worth a turn.</summary>
    public bool LooksIdle => Silo.Time.GetElapsedTime(_lastUsed) >= Silo.Options.CollectionAge && Silo.Time.GetUtcNow() >= _keepUntil;

    /// <summary>How many turns it has had, since whoever asks last set it.</summary>
    public long Turns { get; set; }

    protected override void Enter()
    {
        Turns++;
        OrleansInternals.SetExecutionContext(this, out _outer);
    }

    protected override void Leave() => OrleansInternals.SetExecutionContext(_outer!, out _);

    protected override void OnFinished(Request request, Exception? error)
    {
        if (request.KeepsAlive)
            _lastUsed = Silo.Time.GetTimestamp();
        if (error is InconsistentStateException conflict && OrleansInternals.TakeSource(conflict))
            Deactivate(new(DeactivationReasonCode.ApplicationError, conflict, conflict.Message));
    }

    protected override void AfterTurn()
    {
        if (_reason is { } reason && _active && !Executing)
            _ = DeactivateAsync(reason);
    }

    async Task ActivateAsync()
    {
        try
        {
            _instance = _class.Activator.CreateInstance(this);
            await WithinAsync(Silo.Options.ActivationTimeout, async ending =>
            {
                if (_lifecycle is not null)
                    await _lifecycle.OnStart(ending);
                if (_instance is IGrainBase grain)
                    await grain.OnActivateAsync(ending);
            });
        }
        catch (Exception exception)
        {
            await EndAsync(exception);
            return;
        }

        _active = true;
        _lastUsed = Silo.Time.GetTimestamp();
        Pump();
    }

    async Task DeactivateAsync(DeactivationReason reason)
    {
        _active = false;
        DisposeTimers();
        try
        {
            if (_instance is IGrainBase grain)
                await WithinAsync(Silo.Options.DeactivationTimeout, ending => grain.OnDeactivateAsync(reason, ending));
            if (_lifecycle is not null)
                await _lifecycle.OnStop();
        }
        catch (Exception)
        {
            // Orleans logs it and goes on; what a grain does at its end must not matter.
        }

        await EndAsync(failure: null);
    }

    /// <summary>After the timeout the work's token is cancelled, and the work no longer waited for.</summary>
    async Task WithinAsync(TimeSpan timeout, Func<CancellationToken, Task> start)
    {
        var ending = new CancellationTokenSource();
        var work = start(ending.Token);
        if (work.IsCompletedSuccessfully)
            return;
        using var timer = Silo.Time.CreateTimer(static ending => ((CancellationTokenSource)ending!).Cancel(), ending, timeout, Timeout.InfiniteTimeSpan);
        try
        {
            await work.WaitAsync(ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            throw new TimeoutException($"{GrainId} did not finish within {timeout}.");
        }
    }

    /// <summary>What is still waiting goes to a fresh activation, or fails with <paramref name="failure"/>.</summary>
    async Task EndAsync(Exception? failure)
    {
        DisposeTimers();
        if (_instance is { } instance)
            await _class.Activator.DisposeInstance(this, instance);
        var left = TakeAll();
        Silo.Forget(this);
        foreach (var call in left.OfType<Call>())
        {
            if (failure is not null)
                call.TryFail(failure);
            else
                Silo.Reroute(call);
        }

        Answer(static deactivated => deactivated.TrySetResult(), _deactivated);
    }

    void DisposeTimers()
    {
        if (_timers is not { } timers)
            return;
        _timers = null;
        foreach (var timer in timers)
            timer.Dispose();
    }

    protected override void OnLifeEnded()
    {
        base.OnLifeEnded();
        DisposeTimers();
    }

    // What else Orleans has of a context.

    public GrainReference GrainReference => _reference ??= Silo.Reference(_class.Interfaces[0], GrainId);
    public object? GrainInstance => _instance;
    public IServiceProvider ActivationServices => Silo.Services;
    public IGrainLifecycle ObservableLifecycle => _lifecycle ??= new Lifecycle();
    public IWorkItemScheduler Scheduler => this;
    public ActivationId ActivationId => throw new NotSupportedException();
    public GrainAddress Address => throw new NotSupportedException();

    public object? GetTarget() => _instance;

    public object? GetComponent(Type componentType) => componentType.IsInstanceOfType(_instance) ? _instance : Silo.Services.GetService(componentType);

    public TComponent? GetComponent<TComponent>() where TComponent : class => GetComponent(typeof(TComponent)) as TComponent;

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public void SetComponent<TComponent>(TComponent? value) where TComponent : class => throw new NotSupportedException();

    public void ReceiveMessage(object message) => throw new NotSupportedException();

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Rehydrate(IRehydrationContext context) => throw new NotSupportedException();

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    void IWorkItemScheduler.QueueAction(Action action) => Post(action);

    void IWorkItemScheduler.QueueTask(Task task) => Post((object)task);

    void IWorkItemScheduler.QueueAction(Action<object> action, object state) => Post(() => action(state));

    /// <summary>Persistent state subscribes to it, to be read before the grain activates.</summary>
    sealed class Lifecycle() : LifecycleSubject(NullLogger.Instance), IGrainLifecycle
    {
        // Nothing migrates here.
        public void AddMigrationParticipant(IGrainMigrationParticipant participant)
        {
        }

        public void RemoveMigrationParticipant(IGrainMigrationParticipant participant)
        {
        }
    }
}
