using SessionManager.Sessions;

namespace SessionManager.Storage.Sessions;

/// <summary>What holds of every insert.</summary>
static class NewRow
{
    /// <exception cref="ArgumentException">No mint can have made this.</exception>
    public static void Check(SessionChange change, Fence account, Fence node)
    {
        if (change.Row.Version != 1)
            throw new ArgumentException($"A new session is of version 1, not {change.Row.Version}.", nameof(change));
        if (!change.Usage.IsDefaultOrEmpty)
            throw new ArgumentException("A new session has used nothing yet.", nameof(change));
        if (account.Kind != OwnerKind.Account || account.Id != change.Row.AccountId || node.Kind != OwnerKind.Node || node.Id != change.Row.NodeId)
            throw new ArgumentException("A new session is guarded by the epochs of its own account and node.", nameof(account));
    }
}
