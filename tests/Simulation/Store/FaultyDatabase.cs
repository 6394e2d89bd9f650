namespace SessionManager.Simulation;

/// <summary>
/// A database across a network: an operation takes time, can fail before or after it was done, can be done long after its caller was
/// told that it failed, and a crash can fall on either side of it.
/// </summary>
sealed class FaultyDatabase(VirtualTime time, Rng rng)
{
    int _deaths;
    (int Writes, Fate Fate) _aimed;
    string? _slowed;

    /// <summary>Probabilities of one operation.</summary>
    public sealed record Rates
    {
        public double FailBefore { get; init; }
        public double FailAfter { get; init; }
        public double DoneLate { get; init; }
        public double DoneTwice { get; init; }
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
        DoneTwice,
        CrashBefore,
        CrashAfter,
        CrashAcknowledged,
    }

    public Rates Current { get; set; } = new();

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

    /// <summary>Something happens to the write after so many others.</summary>
    public void Aim(int writes, Fault faults, Rng choice)
    {
        var fate = choice.Pick(Fate.FailBefore, Fate.FailAfter, Fate.DoneTwice, Fate.CrashBefore, Fate.CrashAfter, Fate.CrashAcknowledged);
        var needed = fate switch
        {
            Fate.FailBefore => Fault.Storage,
            Fate.FailAfter or Fate.DoneTwice => Fault.Unknown,
            _ => Fault.Crash,
        };
        if ((faults & needed) != 0)
            _aimed = (writes, fate);
    }

    /// <summary>The next write that names this takes so long that much can come in between.</summary>
    public void SlowDown(string name, Fault faults) => _slowed = (faults & Fault.Latency) != 0 ? name : null;

    /// <summary>What is under way is carried out all the same.</summary>
    public void ProcessDied() => _deaths++;

    public Task<T> Read<T>(string what, Func<T> act) => Run($"read {what}", act, isWrite: false);

    public Task<T> Write<T>(string what, Func<T> act) => Run($"write {what}", act, isWrite: true);

    Task<T> Run<T>(string what, Func<T> act, bool isWrite)
    {
        var answer = new TaskCompletionSource<T>();
        Run(what, act, isWrite, (result, error) =>
        {
            if (error is null)
                answer.SetResult(result!);
            else
                answer.SetException(error);
        });
        return answer.Task;
    }

    /// <summary>As <see cref="Write{T}"/>, and answers at once and not in a turn of whoever asked.</summary>
    public void Write<T>(string what, Func<T> act, Action<T?, Exception?> answer) => Run($"write {what}", act, isWrite: true, answer);

    void Run<T>(string what, Func<T> act, bool isWrite, Action<T?, Exception?> answer)
    {
        var fate = FateOf(isWrite);
        if (fate != Fate.Done)
            OnFault?.Invoke($"{fate} at {what}", default);
        var done = TimeSpan.FromMilliseconds(rng.Between(0, 6));
        var slowed = isWrite && _slowed is not null && what.Contains(_slowed, StringComparison.Ordinal);
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
                Do(what, act, fate, answer, answered);
            },
            null,
            done,
            Timeout.InfiniteTimeSpan);
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
        if ((draw -= Current.DoneTwice) < 0)
            return Fate.DoneTwice;
        if ((draw -= Current.CrashBefore) < 0)
            return Fate.CrashBefore;
        if ((draw -= Current.CrashAfter) < 0)
            return Fate.CrashAfter;
        return (draw -= Current.CrashAcknowledged) < 0 ? Fate.CrashAcknowledged : Fate.Done;
    }

    void Do<T>(string what, Func<T> act, Fate fate, Action<T?, Exception?> answer, TimeSpan answered)
    {
        switch (fate)
        {
            case Fate.FailBefore:
                answer(default, new TimeoutException("The storage does not answer."));
                return;
            case Fate.CrashBefore:
                OnCrash?.Invoke(what);
                return;
            case Fate.DoneLate:
                answer(default, new TimeoutException("The storage does not answer."));
                var late = rng.Seconds(0, 20);
                OnDoneLate?.Invoke(late);
                time.CreateTimer(_ => Attempt(act), null, late, Timeout.InfiniteTimeSpan);
                return;
        }

        var (result, error) = Attempt(act);
        // The driver repeats what it got no answer for, and meets its own write.
        if (fate == Fate.DoneTwice)
            (result, error) = Attempt(act);
        if (fate == Fate.CrashAfter)
        {
            OnCrash?.Invoke(what);
            return;
        }

        time.CreateTimer(
            _ =>
            {
                if (fate == Fate.FailAfter)
                    answer(default, new TimeoutException("The storage's answer was lost."));
                else
                    answer(result, error);
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
        catch (Orleans.Storage.InconsistentStateException conflict)
        {
            return (default, conflict);
        }
    }
}
