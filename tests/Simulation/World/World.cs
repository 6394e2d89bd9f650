using SessionManager.Accounts;
using SessionManager.Errors;
using SessionManager.Sessions;

namespace SessionManager.Simulation;

/// <summary>One run: a process that dies and comes back, what it keeps, and all who deal with it, on one thread and one clock.</summary>
sealed partial class World
{
    const long MostTurnsAtOnce = 200_000;
    readonly TurnPicker _picker;
    readonly StoreDefect _defect;
    readonly Rng _network;
    readonly Rng _process;
    readonly List<string>? _trace;
    SimulatedProcess? _starting;
    SimulatedProcess? _stopping;
    string? _crash;
    bool _finished;

    /// <param name="trace">Keeps what happens, in words.</param>
    /// <param name="turns">And every single turn.</param>
    /// <param name="defect">What the session store does wrong.</param>
    public World(Scenario scenario, bool trace = false, bool turns = false, StoreDefect defect = StoreDefect.None)
    {
        _defect = defect;
        Scenario = scenario;
        Plan = new Plan(scenario);
        Time = new VirtualTime(Plan.Start);
        var salted = scenario.Seed ^ ((ulong)scenario.Salt << 40);
        _picker = new TurnPicker(Rng.Of(salted, 2), Time, Plan.Order);
        _network = Rng.Of(salted, 3);
        _process = Rng.Of(salted, 4);
        _trace = trace ? [] : null;
        Outside = new Outside(_picker);
        Oracle = new Oracle(this);
        Database = new FaultyDatabase(Time, Rng.Of(salted, 5))
        {
            OnFault = (fault, lasting) => Disturb($"storage: {fault}", lasting),
            OnDoneLate = SplitFor,
            OnDoneByTheDead = () =>
            {
                Disturb("a write of a process that is dead");
                SplitFor(TimeSpan.Zero);
            },
            OnCrash = what => Crash($"at {what}"),
        };
        Records = new GrainRecords(Database, Plan.ThroughJson) { OnWritten = Oracle.RecordWritten };
        Sessions = new SessionTable(defect)
        {
            OnWritten = Oracle.RowWritten,
            OnCleaned = Oracle.RowCleaned,
            UsageApart = add => Database.Write("usage", () => add, (act, _) => act?.Invoke()),
        };
        if (turns)
            _picker.Running = who => Log($"turn of {who}");
        _picker.Stalled = (who, pause) => Disturb($"stall: {who} for {pause.TotalSeconds:0.000} s", pause);
    }

    public Scenario Scenario { get; }
    public Plan Plan { get; }
    public VirtualTime Time { get; }
    public Outside Outside { get; }
    public FaultyDatabase Database { get; }
    public GrainRecords Records { get; }
    public SessionTable Sessions { get; }
    public Oracle Oracle { get; }

    /// <summary>null while the process is down.</summary>
    public SimulatedProcess? Engine { get; private set; }

    /// <summary>A process that should be dead and is not.</summary>
    public SimulatedProcess? Zombie { get; private set; }

    /// <summary>Two processes may have run at once: what either of them remembers may be out of date.</summary>
    public bool HadZombie => Plan.Has(Fault.Zombie);
    public int Crashes { get; private set; }
    public Violation? Violation { get; private set; }

    /// <summary>When something last went wrong that is to be forgiven; in the future while it lasts.</summary>
    public TimeSpan DisturbedUntil { get; private set; }

    /// <summary>When storage was last written by any but the one process there is; in the future while that may still be.</summary>
    public TimeSpan SplitUntil { get; private set; } = TimeSpan.MinValue;

    /// <summary>Since when the process has been up.</summary>
    public TimeSpan UpSince { get; private set; }

    public DateTimeOffset Now => Time.GetUtcNow();
    public long Turns => _picker.Turns;
    public ulong TraceHash => _picker.Trace;
    public IReadOnlyList<string> Traced => _trace ?? [];

    public RunResult Run()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var script = Outside.Start(async () =>
        {
            await new Script(this).Play();
            _finished = true;
        });
        StartProcess();
        var latest = Plan.Span + TimeSpan.FromHours(Plan.HasNight ? 40 : 12);
        var turnsAt = (At: Time.Elapsed, Turns: 0L);
        while (Violation is null && !_finished)
        {
            if (_crash is { } reason)
                CrashNow(reason);
            if (_picker.RunOne())
            {
                if (turnsAt.At != Time.Elapsed)
                    turnsAt = (Time.Elapsed, Turns);
                else if (Turns - turnsAt.Turns > MostTurnsAtOnce)
                    Violate("progress", "the grains keep themselves busy without any time passing");
            }
            else if (!Time.FireNext(latest))
            {
                Violate("progress", script.IsFaulted ? script.Exception!.ToString() : $"still not over: {Oracle.Unfinished()}");
            }

            if (_picker.FromElsewhere is { } elsewhere)
                Violate("simulator", $"a turn of '{elsewhere}' was scheduled from another thread: the run cannot be replayed");
            if (script.IsFaulted)
                Violate("simulator", script.Exception!.ToString());
        }

        Engine?.Kill();
        Zombie?.Kill();
        return new RunResult(Scenario, Violation, Time.Elapsed, Oracle.Lives, Crashes, Turns, TraceHash);
    }

    public void Violate(string check, string what)
    {
        if (Violation is not null)
            return;
        Violation = new Violation(check, what, Turns, Time.Elapsed);
        Log($"VIOLATION of '{check}': {what}");
    }

    public void Log(string what) => _trace?.Add($"{Now:HH:mm:ss.fff} {Time.Elapsed.TotalSeconds,10:0.000} #{Turns,-8} {what}");

    public bool IsTraced => _trace is not null;

    /// <summary>A fault: for what follows from it within a sweep nobody is blamed.</summary>
    public void Disturb(string what, TimeSpan lasting = default)
    {
        Log($"fault: {what}");
        var until = Time.Elapsed + lasting;
        if (until > DisturbedUntil)
            DisturbedUntil = until;
    }

    public Task Delay(TimeSpan time) => Task.Delay(time < TimeSpan.Zero ? TimeSpan.Zero : time, Time);

    public void SetFaults(FaultyDatabase.Rates rates, double stalls)
    {
        Database.Current = rates;
        _picker.StallChance = stalls;
    }

    // Calls

    /// <summary>
    /// One request of somebody outside. Its outcome is unknown where an exception comes back: it may have been done, may be done
    /// later, or never.
    /// </summary>
    /// <param name="patient">It may wait for as long as it asks for, as in the queue.</param>
    public async Task<Reply<T>> Call<T>(string what, Func<IGrainFactory, Task<T>> call, bool patient = false)
    {
        if (Plan.Has(Fault.Network) && _network.Chance(0.05))
            await Delay(_network.Seconds(0, 5));
        var zombie = Zombie is not null && _network.Chance(Plan.Emphasis == Emphasis.Splits ? 0.5 : 0.3);
        var engine = zombie ? Zombie : Engine;
        var window = new Window(Oracle.Stamp(), Now, Time.Elapsed, engine);
        if (engine is null)
        {
            await Delay(TimeSpan.FromMilliseconds(_network.Between(100, 3000)));
            return new Reply<T>(default!, false, window);
        }

        Log($"→ {what}{(zombie ? " (old process)" : "")}");
        try
        {
            var value = await call(engine.Silo);
            if (!patient)
                Oracle.Answered(what, window);
            if (IsTraced)
                Log($"← {what}: {Describe(value)}");
            // The answer is lost on its way back.
            if (Plan.Has(Fault.Network) && _network.Chance(0.02))
                return new Reply<T>(default!, false, window);
            return new Reply<T>(value, true, window);
        }
        catch (Exception exception)
        {
            if (!patient)
                Oracle.Answered(what, window);
            if (IsTraced)
                Log($"← {what}: {exception.GetType().Name} {exception.Message}");
            if ((!patient && !Oracle.MayFail(window)) || exception is InvalidOperationException or NullReferenceException or ArgumentException or KeyNotFoundException or InvalidCastException)
                Violate("exception", $"{what}: {exception}");
            return new Reply<T>(default!, false, window);
        }
    }

    /// <summary>A request that may keep the session's slot, for as long as it may be under way.</summary>
    public async Task<Reply<T>> Claim<T>(SessionModel session, string what, Func<IGrainFactory, Task<T>> call)
    {
        session.ClaimBegun(Time.Elapsed);
        var reply = await Call(what, call);
        if (reply.Known)
            session.ClaimEnded(Oracle.Stamp());
        else
            Forgotten(() => session.ClaimEnded(Oracle.Stamp()));
        return reply;
    }

    /// <summary>When a request that was not answered is surely over.</summary>
    public void Forgotten(Action over) => _ = Outside.Start(async () =>
    {
        await Delay(TimeSpan.FromMinutes(2));
        over();
    });

    static string Describe<T>(T value) => value switch
    {
        Result<Session> { Refusal: { } refusal } => refusal.Code,
        Result<Session> { Value: { } session } => Describe(session),
        Result<Minted> { Refusal: { } refusal } => refusal.Code,
        Result<Minted> { Value: { } minted } => $"{Describe(minted.Session)}{(minted.Replayed ? " again" : "")}",
        null => "null",
        _ => value.ToString() ?? "",
    };

    static string Describe(Session session) =>
        $"{session.SessionId} {session.State} {session.Reason} on {session.NodeId} token {session.TokenExpiresAt:HH:mm:ss.fff}";
}

/// <summary>What was broken, where in the run.</summary>
/// <param name="Check">The promise.</param>
public sealed record Violation(string Check, string What, long Step, TimeSpan At)
{
    /// <summary>The promise that every turn ends. A run that broke it cannot be run again to its end.</summary>
    public const string Hang = "hang";
}

public sealed record RunResult(
    Scenario Scenario, Violation? Violation, TimeSpan Simulated, int Lives, int Crashes, long Turns, ulong Trace);

/// <param name="Known">False: an error, or no answer; the outcome is unknown.</param>
readonly record struct Reply<T>(T Value, bool Known, Window Window);

/// <summary>When a request was sent. It ends where its answer is looked at.</summary>
/// <param name="Stamp">The number of the first event after it was sent.</param>
/// <param name="To">The process it was sent to; null: there was none.</param>
readonly record struct Window(long Stamp, DateTimeOffset SentAt, TimeSpan Sent, SimulatedProcess? To);
