using System.Collections.Immutable;
using SessionManager.Accounts;

namespace SessionManager.Users;

/// <summary>Who may administer, as it is stored, and who may stop.</summary>
public sealed record AdministratorsRecord
{
    /// <summary>The shape of this record; a reader of an older shape fills in what is missing.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The first administrator.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>
    /// Administrators who are not suspended: counted in after their account is so, and out before it no longer is. After a
    /// crash between the two it names too few, never too many.
    /// </summary>
    public ImmutableArray<string> Administrators { get; init; } = [];

    /// <summary>To be written before the account changes; null: the change would leave no administrator.</summary>
    public AdministratorsRecord? Before(string userId, Account account, AccountChange change)
    {
        if (Administers(account, change) || !Administrators.Contains(userId))
            return this;
        return Administrators.Length == 1 ? null : this with { Administrators = Administrators.Remove(userId) };
    }

    /// <summary>To be written after the account has changed.</summary>
    public AdministratorsRecord After(string userId, Account account) =>
        account is { IsAdmin: true, Suspended: false } && !Administrators.Contains(userId)
            ? this with { Administrators = Administrators.Add(userId) }
            : this;

    static bool Administers(Account account, AccountChange change) =>
        (change.IsAdmin ?? account.IsAdmin) && !(change.Suspended ?? account.Suspended);
}
