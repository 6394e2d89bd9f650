using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.InProcess;

/// <summary>One living instance of a grain: created for its first request, ended when idle, on demand, or with the engine.</summary>
sealed class Activation : RequestQueue, IGrainContext
{
    readonly ActivationGroup _group;
    readonly TaskCompletionSource _deactivated = new();
    bool _active;
    object? _instance;
    List<IStorage>? _records;
    List<GrainTimer>? _timers;
    DeactivationReason? _reason;
    GrainReference? _reference;
    long _lastUsed;
    long _keepUntil = long.MinValue;

    public Activation(ActivationGroup group) : base(group.Engine, group.Id.ToString())
    {
        _group = group;
        Number = Engine.NextActivation();
        _lastUsed = Engine.Time.GetTimestamp();
        Post(() => _ = ActivateAsync());
    }

    public GrainClass Class => _group.Class;
    public GrainId GrainId => _group.Id;
    public IServiceProvider ActivationServices => Engine.ServiceProvider;

    /// <summary>A reference to the grain through the first of its interfaces.</summary>
    public GrainReference GrainReference => _reference ??= GrainReference.Create(Class.Interfaces[0], GrainId, Engine);

    /// <summary>Counts up as activations are made: their order wherever several are dealt with, the same in every run.</summary>
    public long Number { get; }

    /// <summary>Ends when the activation has ended.</summary>
    public Task Deactivated => _deactivated.Task;

    public override object? Target => _instance;
    protected override bool Ready => _active && _reason is null;
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
        return timer;
    }

    public void RemoveTimer(GrainTimer timer) => _timers?.Remove(timer);

    public void DelayDeactivation(TimeSpan time) => _keepUntil =
        time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? long.MaxValue
        : time <= TimeSpan.Zero ? long.MinValue
        : Engine.Time.GetTimestamp() + (long)(time.TotalSeconds * Engine.Time.TimestampFrequency);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (Running == this) _reason ??= deactivationReason;
        Post(() =>
        {
            _reason ??= deactivationReason;
            AfterTurn();
        });
    }

    /// <summary>Any thread; it only asks whether <see cref="Collect"/> is worth a turn.</summary>
    public bool LooksIdle(long now) => Engine.Time.GetElapsedTime(Volatile.Read(ref _lastUsed), now) >= Class.CollectionAge;

    public void PostCollect() => Post(Collect);

    protected override void OnFinished(Request request, Exception? error)
    {
        if (request.KeepsAlive) Volatile.Write(ref _lastUsed, Engine.Time.GetTimestamp());
        if (error is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            conflict.IsSourceActivation = false;
            Deactivate(new(DeactivationReasonCode.ApplicationError, conflict, conflict.Message));
        }
    }

    protected override void AfterTurn()
    {
        if (_reason is not null && _active && !Executing) _ = DeactivateAsync(_reason.Value);
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
            await WithinAsync(Engine.Options.ActivationTimeout, async ending =>
            {
                if (_records is not null) await Task.WhenAll(_records.Select(record => record.ReadStateAsync()));
                if (_instance is IGrainBase grain) await grain.OnActivateAsync(ending);
            });
        }
        catch (Exception exception)
        {
            Engine.Log.ActivationFailed(exception, GrainId);
            await EndAsync(exception);
            return;
        }

        _active = true;
        Volatile.Write(ref _lastUsed, Engine.Time.GetTimestamp());
        Pump();
    }

    async Task DeactivateAsync(DeactivationReason reason)
    {
        _active = false;
        DisposeTimers();
        try
        {
            if (_instance is IGrainBase grain)
                await WithinAsync(Engine.Options.DeactivationTimeout, ending => grain.OnDeactivateAsync(reason, ending));
        }
        catch (Exception exception)
        {
            Engine.Log.DeactivationFailed(exception, GrainId);
        }

        await EndAsync(failure: null);
    }

    /// <summary>After the timeout the work's token is cancelled, and the work no longer waited for.</summary>
    async Task WithinAsync(TimeSpan timeout, Func<CancellationToken, Task> start)
    {
        var ending = new CancellationTokenSource();
        var work = start(ending.Token);
        if (work.IsCompletedSuccessfully) return;
        using var timer = Engine.Time.CreateTimer(static ending => ((CancellationTokenSource)ending!).Cancel(), ending, timeout, Timeout.InfiniteTimeSpan);
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
        try
        {
            if (_instance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else (_instance as IDisposable)?.Dispose();
        }
        catch (Exception exception)
        {
            Engine.Log.DeactivationFailed(exception, GrainId);
        }

        var left = TakeAll();
        _group.Remove(this);
        foreach (var call in left.OfType<Call>())
        {
            if (failure is not null) call.TryFail(failure);
            else Engine.Reroute(call);
        }

        Complete(static deactivated => deactivated.TrySetResult(), _deactivated);
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
