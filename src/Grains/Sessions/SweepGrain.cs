using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using SessionManager.Durability;
using SessionManager.Nodes;

namespace SessionManager.Sessions;

/// <summary>
/// Ends whatever is past its deadline by its row and was ended by no timer, for instance because a process died. It also wakes the grain
/// of every node, so that a node which went silent together with its grain's process is noticed.
/// </summary>
[GrainType("sweep")]
public sealed partial class SweepGrain(
    ISessionStore store, IOptions<SessionOptions> options, TimeProvider time, ILogger<SweepGrain> logger)
    : Grain, ISweepGrain, IRemindable
{
    const string ReminderName = "sweep";

    /// <summary>How many sessions or nodes are spoken to at a time.</summary>
    const int Width = 256;
    const int MostOverdue = 10_000;
    const int MostCleaned = 1_000;

    /// <summary>
    /// Every process that starts registers the reminder anew, and a registration may be stored late. Its ticks fall on whole periods of
    /// the clock, so that neither moves them: a moved tick puts a sweep off.
    /// </summary>
    public async Task Start()
    {
        var period = TimeSpan.FromSeconds(options.Value.SweepSeconds);
        var sinceTick = TimeSpan.FromTicks(time.Now().UtcTicks % period.Ticks);
        await this.RegisterOrUpdateReminder(ReminderName, period - sinceTick, period);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Func<Task>[] parts = [EndOverdue, AskNodes, Clean];
        await InParallel.Each(parts, width: 1, part => part(), (_, exception) => LogLeft(exception));
    }

    async Task EndOverdue()
    {
        var tried = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var overdue = await store.Overdue(time.Now(), MostOverdue);
            // Sessions that could not be reached come first in the next page again: go on only while there are others.
            var untried = overdue.Where(tried.Add).ToArray();
            await Each(untried, sessionId => GrainFactory.GetGrain<ISessionGrain>(sessionId).Wake());
            if (untried.Length == 0 || overdue.Length < MostOverdue)
                return;
        }
    }

    async Task AskNodes()
    {
        var snapshot = await GrainFactory.GetGrain<INodeDirectoryGrain>(INodeDirectoryGrain.Key).Snapshot();
        var inUse = await store.NodesInUse();
        await Each(
            snapshot.Nodes.Select(node => node.NodeId).Union(inUse, StringComparer.Ordinal).Order(StringComparer.Ordinal),
            nodeId => GrainFactory.GetGrain<INodeGrain>(nodeId).Check());
    }

    async Task Clean()
    {
        var deleted = 0;
        int some;
        do
        {
            var now = time.Now();
            some = await store.Clean(now.AddSeconds(-options.Value.RetentionSeconds), now - IdempotencyKeys.Life, MostCleaned);
            deleted += some;
        }
        while (some >= MostCleaned);
        if (deleted > 0)
            LogCleaned(deleted);
    }

    Task Each(IEnumerable<string> ids, Func<string, Task> act) => InParallel.Each(ids, Width, act, (_, exception) => LogLeft(exception));

    [LoggerMessage(151, LogLevel.Information, "Deleted what can be read no more of sessions, and keys that may be used anew: {Count} rows.")]
    partial void LogCleaned(int count);

    [LoggerMessage(152, LogLevel.Warning, "The sweep could not finish something; the next one tries again.")]
    partial void LogLeft(Exception exception);
}
