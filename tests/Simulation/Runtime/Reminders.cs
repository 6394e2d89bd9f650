using Orleans;
using Orleans.Runtime;
using Orleans.Timers;

namespace SessionManager.Simulation.Runtime;

/// <summary>
/// Sends the ticks of stored reminders. A tick is due at the start time plus a whole number of periods; those missed while the
/// silo was down, or while a tick took long, are skipped.
/// </summary>
sealed class Reminders : TurnQueue, IReminderRegistry
{
    readonly SimulatedSilo _silo;
    readonly IReminderTable _table;
    readonly ITimer _refresh;
    readonly Dictionary<(GrainId Grain, string Name), Reminder> _reminders = [];

    public Reminders(SimulatedSilo silo, IReminderTable table) : base(silo.Life, "reminders")
    {
        _silo = silo;
        _table = table;
        _refresh = NewTimer(() => _ = RefreshAsync());
    }

    public async Task StartAsync()
    {
        foreach (var entry in (await ReadAll()).Values)
            Add(entry);
        _refresh.Change(_silo.Options.RefreshReminderListPeriod, _silo.Options.RefreshReminderListPeriod);
    }

    public void Stop()
    {
        _refresh.Dispose();
        foreach (var reminder in _reminders.Values)
            reminder.Timer.Dispose();
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        if (period < _silo.Options.MinimumReminderPeriod)
            throw new ArgumentException($"Reminder '{reminderName}': its period is {period}, the least allowed is {_silo.Options.MinimumReminderPeriod}.", nameof(period));
        var entry = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = (_silo.Time.GetUtcNow() + dueTime).UtcDateTime,
            Period = period,
        };
        entry.ETag = (await _table.UpsertRow(entry))!;
        Add(entry);
        return new Handle(entry.GrainId, entry.ReminderName, entry.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var handle = (Handle)reminder;
        if (!await _table.RemoveRow(handle.Grain, handle.ReminderName, handle.ETag)
            && await GetReminder(handle.Grain, handle.ReminderName) is not null)
        {
            throw new ReminderException($"Reminder '{handle.ReminderName}' of {handle.Grain} was registered anew; get it again to unregister it.");
        }

        Forget(handle.Grain, handle.ReminderName);
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        (await GetReminders(callingGrainId)).Find(reminder => reminder.ReminderName == reminderName);

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await _table.ReadRows(callingGrainId)).Reminders.Select(entry => new Handle(entry.GrainId, entry.ReminderName, entry.ETag!))];

    static DateTimeOffset NextTick(ReminderEntry entry, DateTimeOffset now)
    {
        var start = new DateTimeOffset(entry.StartAt, TimeSpan.Zero);
        if (now <= start)
            return start;
        var sinceLast = (now - start).Ticks % entry.Period.Ticks;
        return sinceLast == 0 ? now : now.AddTicks(entry.Period.Ticks - sinceLast);
    }

    async Task<Dictionary<(GrainId, string), ReminderEntry>> ReadAll() =>
        (await _table.ReadRows(0, 0)).Reminders.ToDictionary(entry => (entry.GrainId, entry.ReminderName));

    ITimer NewTimer(Action onDue) => _silo.Time.CreateTimer(_ => Post(onDue), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Learns what another silo registered or took away. What changed here meanwhile is left as it is.</summary>
    async Task RefreshAsync()
    {
        var before = new Dictionary<(GrainId, string), Reminder>(_reminders);
        try
        {
            var stored = await ReadAll();
            foreach (var (key, entry) in stored)
            {
                if (entry.ETag != before.GetValueOrDefault(key)?.Entry.ETag && IsAsBefore(key))
                    Add(entry);
            }

            foreach (var (grain, name) in before.Keys.Where(key => !stored.ContainsKey(key) && IsAsBefore(key)))
                Forget(grain, name);
        }
        catch (Exception)
        {
            // The next refresh comes in a while.
        }

        bool IsAsBefore((GrainId, string) key) => _reminders.GetValueOrDefault(key) == before.GetValueOrDefault(key);
    }

    void Forget(GrainId grain, string name)
    {
        if (!_reminders.Remove((grain, name), out var removed))
            return;
        removed.Removed = true;
        removed.Timer.Dispose();
    }

    void Add(ReminderEntry entry)
    {
        var reminder = new Reminder(entry);
        reminder.Timer = NewTimer(() => _ = SendAsync(reminder));
        Forget(entry.GrainId, entry.ReminderName);
        _reminders[(entry.GrainId, entry.ReminderName)] = reminder;
        Arm(reminder, NextTick(entry, _silo.Time.GetUtcNow()));
    }

    void Arm(Reminder reminder, DateTimeOffset due)
    {
        if (reminder.Removed)
            return;
        reminder.Due = due;
        var wait = due - _silo.Time.GetUtcNow();
        reminder.Timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
    }

    async Task SendAsync(Reminder reminder)
    {
        var (entry, due, now) = (reminder.Entry, reminder.Due, _silo.Time.GetUtcNow());
        if (reminder.Removed)
            return;
        if (now < due)
        {
            Arm(reminder, due);
            return;
        }

        try
        {
            await _silo.GetGrain<IRemindable>(entry.GrainId).ReceiveReminder(entry.ReminderName, new TickStatus(entry.StartAt, entry.Period, now.UtcDateTime));
        }
        catch (Exception)
        {
            // Orleans logs it; the next tick comes all the same.
        }

        var next = NextTick(entry, _silo.Time.GetUtcNow());
        Arm(reminder, next > due ? next : due + entry.Period);
    }

    sealed record Handle(GrainId Grain, string ReminderName, string ETag) : IGrainReminder;

    sealed class Reminder(ReminderEntry entry)
    {
        public ReminderEntry Entry => entry;
        public ITimer Timer { get; set; } = null!;
        public DateTimeOffset Due { get; set; }

        /// <summary>Unregistered or replaced: no further tick of it is sent.</summary>
        public bool Removed { get; set; }
    }
}
