namespace SessionManager.InProcess;

/// <summary>How the engine behaves. The defaults are Orleans'.</summary>
public sealed class InProcessOptions
{
    /// <summary>How long a caller waits for an answer. The callee goes on.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long constructing, reading state and <c>OnActivateAsync</c> may take.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <c>OnDeactivateAsync</c> may take.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an activation may be idle before it is ended.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How often the reminders are read from storage again: one may have been written by a call that was told of a failure, or
    /// by a process that should have been dead.
    /// </summary>
    public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many turns an activation may run before it lets others go first. A simulation that picks every turn sets 1.</summary>
    public int TurnsPerSlice { get; set; } = 64;

    /// <summary>Every turn passes here.</summary>
    public ITurnScheduler Scheduler { get; set; } = new ThreadPoolTurnScheduler();

    /// <summary>Where state and reminders rest; one must be set.</summary>
    public IGrainStore? Store { get; set; }

    /// <summary>State and reminders in one SQLite file, which one process at a time may use.</summary>
    public void UseSqlite(string path) => Store = new SqliteGrainStore(path);

    /// <summary>State and reminders in one PostgreSQL database, which one process at a time may use.</summary>
    public void UsePostgres(string connectionString) => Store = new PostgresGrainStore(connectionString);
}
