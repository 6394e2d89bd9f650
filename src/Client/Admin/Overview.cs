namespace SessionManager.Client;

/// <summary>How the whole service stands, and its last hour.</summary>
/// <param name="At">As of when.</param>
/// <param name="Sessions">Sessions that live now.</param>
/// <param name="Slots">Slots of all accounts together.</param>
/// <param name="Places">Places on all nodes that report.</param>
/// <param name="Nodes">Nodes by state.</param>
/// <param name="Waiting">Mints that wait for a place.</param>
/// <param name="RefusalsSince">Refusals before it are not known.</param>
/// <param name="Minutes">The last 60 minutes and the current one, oldest first.</param>
/// <param name="Drops">Of the last hour, the most frequent reason first.</param>
/// <param name="Refusals">Of the last hour, the most frequent code first.</param>
public sealed record Overview(
    DateTimeOffset At,
    LiveSessions Sessions,
    Taken Slots,
    Taken Places,
    NodeCounts Nodes,
    int Waiting,
    DateTimeOffset RefusalsSince,
    IReadOnlyList<OverviewMinute> Minutes,
    IReadOnlyList<DropCount> Drops,
    IReadOnlyList<RefusedCount> Refusals);

/// <summary>Sessions that live now.</summary>
/// <param name="Provisioned">Minted, and nobody has connected yet.</param>
/// <param name="Connected">Connected, or lately so.</param>
public sealed record LiveSessions(int Provisioned, int Connected);

/// <summary>How much of something is used.</summary>
/// <param name="Used">So much.</param>
/// <param name="Limit">Of so much; <see langword="null"/>: not known.</param>
public sealed record Taken(int Used, int? Limit = null);

/// <summary>Nodes by state.</summary>
/// <param name="Live">Report, and take sessions where they have room.</param>
/// <param name="Draining">Report, and take no new ones.</param>
/// <param name="Lost">Have not reported in time.</param>
/// <param name="Full">Of the live ones, those without room.</param>
public sealed record NodeCounts(int Live, int Draining, int Lost, int Full);

/// <summary>What happened in one minute.</summary>
/// <param name="Minute">Its beginning (UTC).</param>
/// <param name="Minted">Sessions minted.</param>
/// <param name="Connected">Sessions that connected for the first time.</param>
/// <param name="Dropped">Sessions dropped.</param>
/// <param name="Refused">Mints refused; <see langword="null"/>: not known.</param>
public sealed record OverviewMinute(DateTimeOffset Minute, int Minted, int Connected, int Dropped, int? Refused = null);

/// <summary>Sessions dropped for a reason.</summary>
/// <param name="Reason">As <c>idle</c>.</param>
/// <param name="Count">How many.</param>
public sealed record DropCount(string Reason, int Count);

/// <summary>Mints refused with a code.</summary>
/// <param name="Code">As <c>no_streamer_available</c>.</param>
/// <param name="Count">How many.</param>
public sealed record RefusedCount(string Code, int Count);
