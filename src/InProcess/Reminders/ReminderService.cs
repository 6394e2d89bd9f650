using Orleans;
using Orleans.Runtime;

namespace SessionManager.InProcess;

/// <summary>
/// Sends the ticks of stored reminders. A tick is due at the start time plus a whole number of periods; those missed while the
/// process was down, or while a tick took long, are skipped.
/// </summary>
sealed class ReminderService : TurnQueue, IDisposable
{
    static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);
    static readonly GrainMethod Receive = GrainMethod.Of(typeof(IRemindable))[typeof(IRemindable).GetMethod(nameof(IRemindable.ReceiveReminder))!];

    readonly InProcessEngine _engine;
    readonly ITimer _refresh;
    readonly Lock _lock = new();
    readonly Dictionary<(GrainId, string), Reminder> _reminders = [];

    public ReminderService(InProcessEngine engine) : base(engine.Life, "reminders")
    {
        _engine = engine;
        _refresh = NewTimer(() => _ = RefreshAsync());
    }

    public async Task StartAsync()
    {
        foreach (var stored in await _engine.Store.ReadRemindersAsync(null)) Add(stored);
        _refresh.Change(_engine.Options.RefreshReminderListPeriod, _engine.Options.RefreshReminderListPeriod);
    }

    public void Dispose()
    {
        _refresh.Dispose();
        lock (_lock)
        {
            foreach (var reminder in _reminders.Values) reminder.Timer.Dispose();
        }
    }

    public async Task<IGrainReminder> RegisterAsync(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        if (period < _engine.Options.MinimumReminderPeriod)
            throw new ArgumentException($"Reminder '{name}': its period is {period}, the least allowed is {_engine.Options.MinimumReminderPeriod}.", nameof(period));
        var wanted = new StoredReminder(grain, name, _engine.Time.GetUtcNow() + dueTime, period, "");
        var stored = wanted with { ETag = await _engine.Store.UpsertReminderAsync(wanted) };
        Add(stored);
        return stored;
    }

    public async Task UnregisterAsync(IGrainReminder reminder)
    {
        var stored = (StoredReminder)reminder;
        if (!await _engine.Store.DeleteReminderAsync(stored.Grain, stored.Name, stored.ETag)
            && await GetAsync(stored.Grain, stored.Name) is not null)
        {
            throw new ReminderException($"Reminder '{stored.Name}' of {stored.Grain} was registered anew; get it again to unregister it.");
        }

        Forget(stored.Grain, stored.Name);
    }

    public async Task<IGrainReminder?> GetAsync(GrainId grain, string name)
    {
        if ((await GetAllAsync(grain)).Find(reminder => reminder.ReminderName == name) is { } found) return found;

        // It may have been deleted by a call that was told of a failure; then it must not go on ticking here.
        Forget(grain, name);
        return null;
    }

    public async Task<List<IGrainReminder>> GetAllAsync(GrainId grain) => [.. await _engine.Store.ReadRemindersAsync(grain)];

    static DateTimeOffset NextTick(StoredReminder reminder, DateTimeOffset now)
    {
        if (now <= reminder.StartAt) return reminder.StartAt;
        var sinceLast = (now - reminder.StartAt).Ticks % reminder.Period.Ticks;
        return sinceLast == 0 ? now : now.AddTicks(reminder.Period.Ticks - sinceLast);
    }

    ITimer NewTimer(Action onDue) =>
        _engine.Time.CreateTimer(_ => Post(onDue), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Learns what another process registered or took away. What changed here meanwhile is left as it is.</summary>
    async Task RefreshAsync()
    {
        Dictionary<(GrainId, string), Reminder> before;
        lock (_lock) before = new(_reminders);
        try
        {
            var stored = (await _engine.Store.ReadRemindersAsync(null)).ToDictionary(reminder => (reminder.Grain, reminder.Name));
            foreach (var (key, reminder) in stored)
            {
                if (reminder.ETag != before.GetValueOrDefault(key)?.Stored.ETag && IsAsBefore(key)) Add(reminder);
            }

            foreach (var (grain, name) in before.Keys.Where(key => !stored.ContainsKey(key) && IsAsBefore(key))) Forget(grain, name);
        }
        catch (Exception exception)
        {
            _engine.Log.RemindersNotRefreshed(exception);
        }

        bool IsAsBefore((GrainId, string) key)
        {
            lock (_lock) return _reminders.GetValueOrDefault(key) == before.GetValueOrDefault(key);
        }
    }

    void Forget(GrainId grain, string name)
    {
        lock (_lock)
        {
            if (!_reminders.Remove((grain, name), out var removed)) return;
            removed.Removed = true;
            removed.Timer.Dispose();
        }
    }

    void Add(StoredReminder stored)
    {
        var reminder = new Reminder(stored);
        reminder.Timer = NewTimer(() => _ = SendAsync(reminder));
        lock (_lock)
        {
            Forget(stored.Grain, stored.Name);
            _reminders[(stored.Grain, stored.Name)] = reminder;
            Arm(reminder, NextTick(stored, _engine.Time.GetUtcNow()));
        }
    }

    void Arm(Reminder reminder, DateTimeOffset due)
    {
        if (reminder.Removed) return;
        reminder.Due = due;
        var wait = due - _engine.Time.GetUtcNow();
        reminder.Timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    async Task SendAsync(Reminder reminder)
    {
        var (stored, due, now) = (reminder.Stored, reminder.Due, _engine.Time.GetUtcNow());
        if (reminder.Removed) return;
        if (now < due)
        {
            Arm(reminder, due);
            return;
        }

        try
        {
            var grain = (GrainReference)_engine.GetGrain<IRemindable>(stored.Grain);
            var status = new TickStatus(stored.StartAt.UtcDateTime, stored.Period, now.UtcDateTime);

            // Asked again when the tick's turn has come: it may have waited behind the very call that unregisters it.
            await (Task)grain.Call(Receive, [stored.Name, status], () => !reminder.Removed)!;
        }
        catch (Exception exception)
        {
            _engine.Log.ReminderFailed(exception, stored.Name, stored.Grain);
        }

        var next = NextTick(stored, _engine.Time.GetUtcNow());
        Arm(reminder, next > due ? next : due + stored.Period);
    }

    sealed class Reminder(StoredReminder stored)
    {
        public StoredReminder Stored { get; } = stored;
        public ITimer Timer { get; set; } = null!;
        public DateTimeOffset Due { get; set; }

        /// <summary>Unregistered or replaced: no tick of it starts any more.</summary>
        public volatile bool Removed;
    }
}
