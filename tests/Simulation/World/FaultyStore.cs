using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using SessionManager.Storage;

namespace SessionManager.Simulation;

/// <summary>
/// A versioned store as a database across a network is one: an operation takes time, can fail before or after it was done, can
/// be done long after its caller was told that it failed, and a crash can fall on either side of it.
/// </summary>
sealed class FaultyStore(VirtualTime time, Rng rng, bool throughJson, FaultyStore.Rates rates) : IGrainStorage, IReminderTable
{
    static readonly GrainStateSerializer Json = new();
    readonly Dictionary<(GrainId Grain, string Name), (object Record, string ETag)> _records = [];
    readonly SortedDictionary<(string Grain, string Name), ReminderEntry> _reminders = [];
    long _etag;
    int _deaths;
    (int Writes, Fate Fate) _aimed;
    string? _slowed;

    /// <summary>Probabilities of one operation.</summary>
    public sealed record Rates
    {
        public double FailBefore { get; init; }
        public double FailAfter { get; init; }
        public double DoneLate { get; init; }
        public double ConflictAfter { get; init; }
        public double Slow { get; init; }
        public double CrashBefore { get; init; }
        public double CrashAfter { get; init; }
        public double CrashAcknowledged { get; init; }
    }

    enum Fate
    {
        Done,
        FailBefore,
        FailAfter,
        DoneLate,
        ConflictAfter,
        CrashBefore,
        CrashAfter,
        CrashAcknowledged,
    }

    public Rates Current { get; set; } = rates;

    /// <summary>Everything fails while it is out.</summary>
    public bool IsOut { get; set; }

    /// <summary>A fault is about to happen: what it is, and how long it lasts.</summary>
    public Action<string, TimeSpan>? OnFault { get; set; }

    /// <summary>A write that was reported as failed is carried out after so long.</summary>
    public Action<TimeSpan>? OnDoneLate { get; set; }

    /// <summary>A write of a process that has died meanwhile was carried out.</summary>
    public Action? OnDoneByTheDead { get; set; }

    /// <summary>The process that asked is to die, before anything else happens.</summary>
    public Action<string>? OnCrash { get; set; }

    /// <summary>A record has changed; null stands for none.</summary>
    public Action<GrainId, object?, object?>? OnCommit { get; set; }

    public IEnumerable<ReminderEntry> Reminders => _reminders.Values;

    /// <summary>Something happens to the write after so many others.</summary>
    public void Aim(int writes, Fault faults, Rng choice)
    {
        var fate = choice.Pick(Fate.FailBefore, Fate.FailAfter, Fate.ConflictAfter, Fate.CrashBefore, Fate.CrashAfter, Fate.CrashAcknowledged);
        var needed = fate switch
        {
            Fate.FailBefore => Fault.Storage,
            Fate.FailAfter or Fate.ConflictAfter => Fault.Unknown,
            _ => Fault.Crash,
        };
        if ((faults & needed) != 0)
            _aimed = (writes, fate);
    }

    /// <summary>The next write of the session takes so long that much can come in between.</summary>
    public void SlowDown(string sessionId, Fault faults) =>
        _slowed = (faults & Fault.Latency) != 0 ? $"write session/{sessionId}" : null;

    /// <summary>What is under way is carried out all the same.</summary>
    public void ProcessDied() => _deaths++;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var (record, etag) = await Run(
            $"read {grainId}",
            () => _records.GetValueOrDefault((grainId, stateName)),
            isWrite: false);
        grainState.State = record is null ? Activator.CreateInstance<T>() : (T)record;
        grainState.RecordExists = record is not null;
        grainState.ETag = etag;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // Records never change once made, so the objects themselves are kept; in some worlds every one goes through the real format.
        object record = throughJson ? Json.Deserialize<T>(Json.Serialize(grainState.State))! : grainState.State!;
        var expected = grainState.ETag;
        grainState.ETag = await Run($"write {grainId}", () =>
        {
            var old = Expect((grainId, stateName), expected);
            var next = NextETag();
            _records[(grainId, stateName)] = (record, next);
            OnCommit?.Invoke(grainId, old, record);
            return next;
        });
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var expected = grainState.ETag;
        await Run($"clear {grainId}", () =>
        {
            var old = Expect((grainId, stateName), expected);
            _records.Remove((grainId, stateName));
            OnCommit?.Invoke(grainId, old, null);
            return true;
        });
        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
        grainState.ETag = null;
    }

    public Task<string?> UpsertRow(ReminderEntry entry) => Run($"remind {entry.GrainId}", () =>
    {
        var etag = NextETag();
        _reminders[(entry.GrainId.ToString(), entry.ReminderName)] = new ReminderEntry
        {
            GrainId = entry.GrainId,
            ReminderName = entry.ReminderName,
            StartAt = entry.StartAt,
            Period = entry.Period,
            ETag = etag,
        };
        return (string?)etag;
    }, isRecord: false);

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Run($"forget {grainId}", () =>
    {
        var key = (grainId.ToString(), reminderName);
        return _reminders.TryGetValue(key, out var stored) && stored.ETag == eTag && _reminders.Remove(key);
    }, isRecord: false);

    public Task<ReminderTableData> ReadRows(GrainId grainId) => ReadRows(grainId.ToString());

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => ReadRows(null);

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => throw new NotSupportedException();

    public Task TestOnlyClearTable() => throw new NotSupportedException();

    Task<ReminderTableData> ReadRows(string? grain) => Run(
        "read reminders",
        () => new ReminderTableData([.. _reminders.Where(reminder => grain is null || reminder.Key.Grain == grain).Select(reminder => reminder.Value)]),
        isWrite: false);

    object? Expect((GrainId Grain, string Name) key, string? etag)
    {
        if (!_records.TryGetValue(key, out var stored))
            return etag is null ? null : throw new InconsistentStateException($"{key.Grain} is gone.", null, etag);
        return stored.ETag == etag
            ? stored.Record
            : throw new InconsistentStateException($"{key.Grain} has changed.", stored.ETag, etag);
    }

    string NextETag() => (++_etag).ToString(CultureInfo.InvariantCulture);

    /// <param name="isRecord">It is expected to be as its caller knows it; a reminder is written whatever there is.</param>
    Task<T> Run<T>(string what, Func<T> act, bool isWrite = true, bool isRecord = true)
    {
        var answer = new TaskCompletionSource<T>();
        var fate = FateOf(isWrite);
        if (fate != Fate.Done)
            OnFault?.Invoke($"{fate} at {what}", default);
        var done = TimeSpan.FromMilliseconds(rng.Between(0, 6));
        var slowed = what == _slowed;
        if (slowed || (Current.Slow > 0 && rng.Chance(Current.Slow)))
        {
            done = slowed ? rng.Seconds(0.1, 4) : rng.Seconds(0.1, 14);
            _slowed = slowed ? null : _slowed;
            OnFault?.Invoke($"slow for {done.TotalSeconds:0.000} s at {what}", done);
        }

        var answered = TimeSpan.FromMilliseconds(rng.Between(0, 4));
        var deaths = _deaths;
        time.CreateTimer(
            _ =>
            {
                if (isWrite && deaths != _deaths)
                    OnDoneByTheDead?.Invoke();
                Do(what, act, fate, isRecord, answer, answered);
            },
            null,
            done,
            Timeout.InfiniteTimeSpan);
        return answer.Task;
    }

    Fate FateOf(bool isWrite)
    {
        if (IsOut)
            return Fate.FailBefore;
        if (isWrite && _aimed.Writes > 0 && --_aimed.Writes == 0)
            return _aimed.Fate;
        var draw = rng.Unit();
        if ((draw -= Current.FailBefore) < 0)
            return Fate.FailBefore;
        if (!isWrite)
            return Fate.Done;
        if ((draw -= Current.FailAfter) < 0)
            return Fate.FailAfter;
        if ((draw -= Current.DoneLate) < 0)
            return Fate.DoneLate;
        if ((draw -= Current.ConflictAfter) < 0)
            return Fate.ConflictAfter;
        if ((draw -= Current.CrashBefore) < 0)
            return Fate.CrashBefore;
        if ((draw -= Current.CrashAfter) < 0)
            return Fate.CrashAfter;
        return (draw -= Current.CrashAcknowledged) < 0 ? Fate.CrashAcknowledged : Fate.Done;
    }

    void Do<T>(string what, Func<T> act, Fate fate, bool isRecord, TaskCompletionSource<T> answer, TimeSpan answered)
    {
        switch (fate)
        {
            case Fate.FailBefore:
                answer.SetException(new TimeoutException("The storage does not answer."));
                return;
            case Fate.CrashBefore:
                OnCrash?.Invoke(what);
                return;
            case Fate.DoneLate:
                answer.SetException(new TimeoutException("The storage does not answer."));
                var late = rng.Seconds(0, 20);
                OnDoneLate?.Invoke(late);
                time.CreateTimer(_ => Attempt(act), null, late, Timeout.InfiniteTimeSpan);
                return;
        }

        var (result, error) = Attempt(act);
        if (fate == Fate.CrashAfter)
        {
            OnCrash?.Invoke(what);
            return;
        }

        time.CreateTimer(
            _ =>
            {
                if (fate == Fate.ConflictAfter && isRecord)
                    answer.SetException(new InconsistentStateException("A retry within the driver met its own write."));
                else if (error is not null)
                    answer.SetException(error);
                else if (fate is Fate.FailAfter or Fate.ConflictAfter)
                    answer.SetException(new TimeoutException("The storage's answer was lost."));
                else
                    answer.SetResult(result!);
                if (fate == Fate.CrashAcknowledged)
                    OnCrash?.Invoke(what);
            },
            null,
            answered,
            Timeout.InfiniteTimeSpan);
    }

    static (T? Result, Exception? Error) Attempt<T>(Func<T> act)
    {
        try
        {
            return (act(), null);
        }
        catch (InconsistentStateException conflict)
        {
            return (default, conflict);
        }
    }
}
