using SessionManager.Sessions;

namespace SessionManager.Owners;

/// <summary>
/// What one session holds of its owner: a slot of an account, or a place on a node. It is held as long as the row says, and as long
/// as the owner has promised while the row that says so may still be on its way to storage.
/// </summary>
public sealed class Holding(string sessionId)
{
    /// <summary>"Until it is given back", where instants are compared.</summary>
    public static readonly DateTimeOffset Forever = DateTimeOffset.MaxValue;

    public string SessionId { get; } = sessionId;

    /// <summary>The latest that was heard of the session's row; null: none was heard of yet.</summary>
    public SessionReport? Session { get; internal set; }

    /// <summary>null: nothing is promised beyond what the row says.</summary>
    public Promise? Promise { get; internal set; }

    /// <summary>Until when its row says that it is held; long past where no row was heard of.</summary>
    public DateTimeOffset StoredUntil => Session is null ? DateTimeOffset.MinValue : Session.HoldsUntil ?? Forever;

    public DateTimeOffset Until => Promise is { } promise && promise.HeldUntil > StoredUntil ? promise.HeldUntil : StoredUntil;

    /// <summary>The mark at which its row was last heard of.</summary>
    internal long HeardAt { get; set; }

    /// <summary>It counts as held. Once it has lapsed by one reading of the clock it is not, even where the clock is set back.</summary>
    internal bool Counted { get; set; }
}

/// <summary>What an owner has promised a session and storage may not have yet.</summary>
/// <param name="Ticket">Names this promise among all that the owner gave.</param>
/// <param name="Version">Of the row that it was decided on. Once a later one is seen, its write has landed or never will.</param>
/// <param name="Earlier">Promised to another mint of the same session; null: none was.</param>
public sealed record Promise(long Ticket, long Version, DateTimeOffset Until, DateTimeOffset At, Promise? Earlier)
{
    /// <summary>The latest instant that this promise or an earlier one holds until.</summary>
    public DateTimeOffset HeldUntil => Earlier is { } earlier && earlier.HeldUntil > Until ? earlier.HeldUntil : Until;

    /// <summary>What is left when one is taken back.</summary>
    public Promise? Without(long ticket) => Ticket == ticket ? Earlier : Earlier is null ? this : this with { Earlier = Earlier.Without(ticket) };

    /// <summary>What is left when a row of that version is seen.</summary>
    public Promise? After(long version) => version > Version ? null : this;
}
