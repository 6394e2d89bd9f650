using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.InProcess;

/// <summary>One living instance of a grain: created for its first request, ended when idle, on demand, or with the engine.</summary>
sealed class Activation : RequestQueue, IGrainContext
{
    readonly CancellationTokenSource _ending = new();
    Phase _phase;
    object? _instance;
    List<IStorage>? _records;
    List<GrainTimer>? _timers;
    DeactivationReason? _reason;
    TaskCompletionSource? _deactivated;
    GrainReference? _reference;
    long _lastUsed;
    long _keepUntil = long.MinValue;
    long _phaseDeadline;

    public Activation(InProcessEngine engine, GrainClass grainClass, GrainId id, StatelessWorkers? group) : base(engine, id.ToString())
    {
        Class = grainClass;
        GrainId = id;
        Group = group;
        Number = engine.NextActivation();
        _lastUsed = engine.Time.GetTimestamp();
        Post((Action)(() => _ = ActivateAsync()));
    }

    enum Phase
    {
        Activating,
        Valid,
        Deactivating,
        Ended,
    }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    /// <summary>Counts up as activations are made: their order wherever several are dealt with, the same in every run.</summary>
    public long Number { get; }

    /// <summary>The workers it is one of; null for an ordinary grain.</summary>
    public StatelessWorkers? Group { get; }

    public IServiceProvider ActivationServices => Engine.ServiceProvider;

    public GrainReference GrainReference => _reference ??= GrainReference.Create(Class.Interfaces[0], GrainId, Engine);

    /// <summary>Ends when the activation has ended.</summary>
    public Task Deactivated => LazyInitializer.EnsureInitialized(ref _deactivated, static () => new()).Task;

    public override object? Target => _instance;

    protected override bool Ready => _phase == Phase.Valid && _reason is null;

    protected override bool Reentrant => Class.Reentrant;

    public object AddRecord(IStorage record)
    {
        (_records ??= []).Add(record);
        return record;
    }

    public GrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (Running != this) throw new InvalidOperationException("A grain's timer can be registered only in one of its turns.");
        var timer = new GrainTimer(this, callback, options);
        (_timers ??= []).Add(timer);
        timer.Change(options.DueTime, options.Period);
        if (_phase >= Phase.Deactivating) timer.Dispose();
        return timer;
    }

    public void RemoveTimer(GrainTimer timer) => _timers?.Remove(timer);

    public void DelayDeactivation(TimeSpan time) => _keepUntil =
        time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? long.MaxValue
        : time <= TimeSpan.Zero ? long.MinValue
        : Engine.TimestampAfter(time);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (Running == this) _reason ??= deactivationReason;
        Post((Action)(() =>
        {
            _reason ??= deactivationReason;
            AfterTurn();
        }));
    }

    /// <summary>Any thread; it only asks whether <see cref="Collect"/> is worth a turn.</summary>
    public bool LooksIdle(long now) => Engine.Time.GetElapsedTime(Volatile.Read(ref _lastUsed), now) >= Class.CollectionAge;

    public void PostCollect() => Post((Action)Collect);

    protected override void OnFinished(Request request, Exception? error)
    {
        if (request.KeepsAlive) Volatile.Write(ref _lastUsed, Engine.Time.GetTimestamp());
        if (error is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            conflict.IsSourceActivation = false;
            Deactivate(new(DeactivationReasonCode.ApplicationError, conflict, conflict.Message));
        }
    }

    protected override void OnLeft(Request request)
    {
        if (request is Call) Group?.Completed(this);
    }

    protected override void OnExpire(long now)
    {
        if (_phaseDeadline == 0) return;
        if (_phaseDeadline <= now) _ending.Cancel();
        else Engine.Timeouts.Watch(this, _phaseDeadline);
    }

    protected override void AfterTurn()
    {
        if (_reason is not null && _phase == Phase.Valid && !Executing) _ = DeactivateAsync();
    }

    void Collect()
    {
        var now = Engine.Time.GetTimestamp();
        if (Ready && Idle && LooksIdle(now) && now >= _keepUntil)
            Deactivate(new(DeactivationReasonCode.ActivationIdle, null, "It was idle for longer than its collection age."));
    }

    async Task ActivateAsync()
    {
        try
        {
            _instance = Class.Create(this);
            var work = PrepareAsync();
            if (!work.IsCompleted) StartPhaseDeadline(Engine.Options.ActivationTimeout);
            await work.WaitAsync(_ending.Token);
        }
        catch (Exception exception)
        {
            Engine.Log.ActivationFailed(exception, GrainId);
            _reason = new(DeactivationReasonCode.ActivationFailed, exception, "Activation failed.");
            await EndAsync(exception is OperationCanceledException && _ending.IsCancellationRequested
                ? new TimeoutException($"{GrainId} was not activated within {Engine.Options.ActivationTimeout}.")
                : exception);
            return;
        }

        _phaseDeadline = 0;
        _phase = Phase.Valid;
        Volatile.Write(ref _lastUsed, Engine.Time.GetTimestamp());
        Pump();

        async Task PrepareAsync()
        {
            if (_records is [var only]) await only.ReadStateAsync();
            else if (_records is not null) await Task.WhenAll(_records.Select(record => record.ReadStateAsync()));
            if (_instance is IGrainBase grain) await grain.OnActivateAsync(_ending.Token);
        }
    }

    async Task DeactivateAsync()
    {
        _phase = Phase.Deactivating;
        DisposeTimers();
        try
        {
            if (_instance is IGrainBase grain)
            {
                var work = grain.OnDeactivateAsync(_reason!.Value, _ending.Token);
                if (!work.IsCompleted) StartPhaseDeadline(Engine.Options.DeactivationTimeout);
                await work.WaitAsync(_ending.Token);
            }
        }
        catch (Exception exception)
        {
            Engine.Log.DeactivationFailed(exception, GrainId);
        }

        await EndAsync(failure: null);
    }

    /// <summary>What is still waiting goes to a fresh activation, or fails with <paramref name="failure"/>.</summary>
    async Task EndAsync(Exception? failure)
    {
        DisposeTimers();
        try
        {
            if (_instance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else (_instance as IDisposable)?.Dispose();
        }
        catch (Exception exception)
        {
            Engine.Log.DeactivationFailed(exception, GrainId);
        }

        _phase = Phase.Ended;
        _phaseDeadline = 0;
        var left = TakeWaiting();
        left.AddRange(Close().OfType<Request>());
        Engine.Forget(this);
        foreach (var call in left.OfType<Call>())
        {
            if (failure is not null) call.TryFail(failure);
            else Engine.Reroute(call);
        }

        Complete(static deactivated => deactivated.TrySetResult(), LazyInitializer.EnsureInitialized(ref _deactivated, static () => new()));
    }

    void StartPhaseDeadline(TimeSpan timeout)
    {
        _phaseDeadline = Engine.TimestampAfter(timeout);
        Engine.Timeouts.Watch(this, _phaseDeadline);
    }

    void DisposeTimers()
    {
        if (_timers is not { } timers) return;
        _timers = null;
        foreach (var timer in timers) timer.Dispose();
    }

    protected override void OnLifeEnded()
    {
        base.OnLifeEnded();
        DisposeTimers();
    }
}
