using System.Reflection;
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
    static readonly GrainMethod Receive = GrainMethod.Of(typeof(IRemindable))[
        typeof(IRemindable).GetMethod(nameof(IRemindable.ReceiveReminder), BindingFlags.Instance | BindingFlags.Public)!];

    readonly InProcessEngine _engine;
    readonly ITimer _timer;
    readonly ITimer _refresh;
    readonly Lock _lock = new();
    readonly Dictionary<(GrainId, string), Reminder> _reminders = [];
    readonly PriorityQueue<Reminder, (DateTimeOffset Due, long Order)> _due = new();
    long _order;

    public ReminderService(InProcessEngine engine) : base(engine.Life, "reminders")
    {
        _engine = engine;
        _timer = engine.Time.CreateTimer(static self => ((ReminderService)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _refresh = engine.Time.CreateTimer(static self => ((ReminderService)self!).OnRefresh(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public async Task StartAsync()
    {
        foreach (var stored in await _engine.Store.ReadRemindersAsync(null)) Add(stored);
        _refresh.Change(_engine.Options.RefreshReminderListPeriod, _engine.Options.RefreshReminderListPeriod);
    }

    public void Dispose()
    {
        _timer.Dispose();
        _refresh.Dispose();
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
        return new Handle(stored);
    }

    public async Task UnregisterAsync(IGrainReminder reminder)
    {
        var stored = ((Handle)reminder).Stored;
        if (!await _engine.Store.DeleteReminderAsync(stored.Grain, stored.Name, stored.ETag)
            && await GetAsync(stored.Grain, stored.Name) is not null)
        {
            throw new ReminderException($"Reminder '{stored.Name}' of {stored.Grain} was registered anew; get it again to unregister it.");
        }

        Forget(stored.Grain, stored.Name);
    }

    public async Task<IGrainReminder?> GetAsync(GrainId grain, string name)
    {
        if ((await _engine.Store.ReadRemindersAsync(grain)).FirstOrDefault(stored => stored.Name == name) is { } found) return new Handle(found);

        // It may have been deleted by a call that was told of a failure; then it must not go on ticking here.
        Forget(grain, name);
        return null;
    }

    public async Task<List<IGrainReminder>> GetAllAsync(GrainId grain) =>
        [.. (await _engine.Store.ReadRemindersAsync(grain)).Select(stored => new Handle(stored))];

    protected override void RunTurn(object turn) => ((Action)turn)();

    static DateTimeOffset NextTick(StoredReminder reminder, DateTimeOffset now)
    {
        if (now <= reminder.StartAt) return reminder.StartAt;
        var sinceLast = (now - reminder.StartAt).Ticks % reminder.Period.Ticks;
        return sinceLast == 0 ? now : now.AddTicks(reminder.Period.Ticks - sinceLast);
    }

    void OnRefresh() => Post((Action)(() => _ = RefreshAsync()));

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
            if (_reminders.Remove((grain, name), out var removed)) removed.Removed = true;
        }
    }

    void Add(StoredReminder stored)
    {
        var reminder = new Reminder(stored);
        lock (_lock)
        {
            if (_reminders.TryGetValue((stored.Grain, stored.Name), out var replaced)) replaced.Removed = true;
            _reminders[(stored.Grain, stored.Name)] = reminder;
            Schedule(reminder, NextTick(stored, _engine.Time.GetUtcNow()));
        }
    }

    void Schedule(Reminder reminder, DateTimeOffset due)
    {
        reminder.Due = due;
        _due.Enqueue(reminder, (due, _order++));
        if (ReferenceEquals(_due.Peek(), reminder)) Arm();
    }

    void Arm()
    {
        while (_due.TryPeek(out var gone, out _) && gone.Removed) _due.Dequeue();
        if (!_due.TryPeek(out var next, out _)) return;
        var wait = next.Due - _engine.Time.GetUtcNow();
        _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    void OnTimer() => Post((Action)SendDue);

    void SendDue()
    {
        var now = _engine.Time.GetUtcNow();
        var due = new List<Reminder>();
        lock (_lock)
        {
            while (_due.TryPeek(out var first, out _) && (first.Removed || first.Due <= now))
            {
                _due.Dequeue();
                if (!first.Removed) due.Add(first);
            }

            Arm();
        }

        foreach (var reminder in due) _ = SendAsync(reminder, now);
    }

    async Task SendAsync(Reminder reminder, DateTimeOffset now)
    {
        var stored = reminder.Stored;
        try
        {
            var grain = _engine.GetGrain<IRemindable>(stored.Grain);
            var status = new TickStatus(stored.StartAt.UtcDateTime, stored.Period, now.UtcDateTime);

            // Asked again when the tick's turn has come: it may have waited behind the very call that unregisters it.
            await (Task)((GrainReference)grain).Call(Receive, [stored.Name, status], () => !reminder.Removed)!;
        }
        catch (Exception exception)
        {
            _engine.Log.ReminderFailed(exception, stored.Name, stored.Grain);
        }

        lock (_lock)
        {
            if (reminder.Removed) return;
            var next = NextTick(stored, _engine.Time.GetUtcNow());
            Schedule(reminder, next > reminder.Due ? next : reminder.Due + stored.Period);
        }
    }

    sealed class Reminder(StoredReminder stored)
    {
        public StoredReminder Stored { get; } = stored;

        public DateTimeOffset Due { get; set; }

        /// <summary>Unregistered or replaced: no tick of it starts any more.</summary>
        public volatile bool Removed;
    }

    sealed class Handle(StoredReminder stored) : IGrainReminder
    {
        public StoredReminder Stored { get; } = stored;

        public string ReminderName => Stored.Name;
    }
}
