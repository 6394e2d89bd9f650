using Orleans;
using SessionManager.Durability;
using SessionManager.Owners;
using SessionManager.Sessions;

namespace SessionManager.Accounts;

/// <summary>What the account has streamed this month, and when its streams must end for that, or for having lasted too long.</summary>
public sealed partial class AccountGrain
{
    Task _hoursReading = Task.CompletedTask;
    Task? _nextHoursReading;

    StreamHours Hours => _slots.Hours;

    public async Task<DateTimeOffset?> StreamEnd(DateTimeOffset connectedAt)
    {
        // A session asks when its stream is about to end or its limits have changed. Another activation may have changed them.
        await Owner.Look();
        return await StreamEndOf(connectedAt, starting: 0);
    }

    /// <param name="starting">How many connections are about to run beside those that do.</param>
    async Task<DateTimeOffset?> StreamEndOf(DateTimeOffset connectedAt, int starting)
    {
        var longest = AccountRules.MaxStreamSeconds(Record, _options) is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var byDuration = connectedAt + longest;
        if (MonthlyMilliseconds is not { } limit)
            return byDuration;
        await Owner.Own();
        await KnowHours();
        if (limit <= UsedMilliseconds(time.Now()))
            await LookAtHours();
        var now = time.Now();
        var running = Running.Concat(Enumerable.Repeat(now, starting)).ToArray();
        var left = limit - Hours.Milliseconds(running, now, longest);
        // Hours that were used up before the stream began end it as it begins. Where nothing streams they were used up at some time in
        // the past; to answer "now" would have the session ask again and again.
        var byHours = (left, running.Length) switch
        {
            ( > 0, _) => StreamHours.NextLook(left, running.Length, AccountRules.MaxConcurrent(Record, _options), Sweep, now),
            (_, 0) => connectedAt,
            _ => StreamHours.UsedUpAt(-left, running, now, longest),
        };
        byHours = byHours < connectedAt ? connectedAt : byHours;
        return byDuration < byHours ? byDuration : byHours;
    }

    long? MonthlyMilliseconds =>
        AccountRules.MonthlyHours(Record, _options) is { } hours ? (long)TimeSpan.FromHours(hours).TotalMilliseconds : null;

    /// <summary>When each running connection began. One that is only promised is counted: it may run already.</summary>
    IEnumerable<DateTimeOffset> Running => _slots.All
        .Select(holding => holding.Session?.ConnectionSince
            ?? (holding.Promise is { } promise && promise.Until == Holding.Forever ? promise.At : (DateTimeOffset?)null))
        .OfType<DateTimeOffset>();

    long UsedMilliseconds(DateTimeOffset now) => Hours.Milliseconds(Running, now);

    async Task KnowHours()
    {
        while (!Hours.IsKnown(time.Now()))
            await (_hoursReading.IsCompleted ? LookAtHours() : _hoursReading);
    }

    /// <summary>Reads the hours anew, beginning after the call. One reading serves all who wait for it, as of the rows.</summary>
    Task LookAtHours()
    {
        if (_hoursReading.IsCompleted)
            return _hoursReading = ReadHours();
        return _nextHoursReading ??= ReadHoursAfter(_hoursReading);
    }

    async Task ReadHoursAfter(Task reading)
    {
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        // From here on it is too late to join this reading.
        _nextHoursReading = null;
        await (_hoursReading = ReadHours());
    }

    /// <summary>
    /// The sum of what has ended, as of a moment between two readings of the rows that show the same connections: what is heard to
    /// end after them is not in it. Where connections end all the time there is no such moment; then what was heard to end meanwhile is
    /// counted twice rather than not at all.
    /// </summary>
    async Task ReadHours()
    {
        Hours.Forget();
        for (var attempt = 1; !Hours.IsKnown(time.Now()); attempt++)
        {
            await Owner.Look();
            var (month, before) = (StreamHours.MonthOf(time.Now()), Hours.Heard);
            var ended = await store.StreamedMilliseconds(AccountId, StreamedDays.Of(month), StreamedDays.Of(month.AddMonths(1)));
            await Owner.Look();
            var heard = Hours.Heard;
            if (heard == before || (attempt >= MaxAttempts && heard.Forgotten == before.Forgotten))
                Hours.Know(month, ended + heard.Milliseconds - before.Milliseconds);
        }
    }
}
