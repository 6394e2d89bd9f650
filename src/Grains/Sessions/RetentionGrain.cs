using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Journal;
using SessionManager.Options;

namespace SessionManager.Sessions;

/// <summary>
/// The journal knows which sessions were dropped long ago; the sessions themselves delete their records, so that none is
/// deleted that is not really over. The history stays in the journal.
/// </summary>
[GrainType("retention")]
public sealed partial class RetentionGrain(
    IJournalReader journal,
    IAuditJournal history,
    IOptions<SessionOptions> options,
    TimeProvider time,
    ILogger<RetentionGrain> logger)
    : Grain, IRetentionGrain, IRemindable
{
    const string ReminderName = "purge";
    const int Batch = 200;
    static readonly TimeSpan Period = TimeSpan.FromHours(1);

    public async Task Start()
    {
        // Registering anew puts the next run off by a whole period: a process started again and again would never purge.
        if (await this.GetReminder(ReminderName) is null)
            await this.RegisterOrUpdateReminder(ReminderName, Period, Period);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var before = time.Now().AddSeconds(-options.Value.RetentionSeconds);
        var purged = 0;
        while (true)
        {
            var ids = await journal.Purgeable(before, Batch, CancellationToken.None);
            var kept = 0;
            foreach (var id in ids)
            {
                if (await GrainFactory.GetGrain<ISessionGrain>(id).Purge())
                    await history.Purged(id);
                else
                    kept++;
            }

            purged += ids.Length - kept;
            // What is kept comes up first again: go on only while that still leaves room in a batch for others.
            if (ids.Length < Batch || kept > Batch / 2)
                break;
        }

        if (purged > 0)
            LogPurged(purged);
    }

    [LoggerMessage(151, LogLevel.Information, "Deleted the records of {Count} sessions that can be read no more.")]
    partial void LogPurged(int count);
}
