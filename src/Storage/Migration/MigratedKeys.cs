using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using SessionManager.Randomness;
using SessionManager.Sessions;

namespace SessionManager.Storage.Migration;

/// <summary>
/// Finds again what the earlier version minted under an idempotency key. It did not keep the key: it derived the session's id from it,
/// and a migrated row has its own id in the key's place. A day after the migration there is none left.
/// </summary>
sealed class MigratedKeys
{
    const int IdBytes = 16;

    DateTimeOffset _until = DateTimeOffset.MinValue;

    /// <summary>Looks whether there are any: such rows are older than any other that has a key.</summary>
    public async Task Look(DbConnection connection, DateTimeOffset now)
    {
        var any = await connection.ExecuteScalarAsync<bool?>(
            "SELECT idempotency_key = session_id FROM sessions WHERE idempotency_key IS NOT NULL ORDER BY created_at LIMIT 1");
        _until = any == true ? now + IdempotencyKeys.Life : DateTimeOffset.MinValue;
    }

    /// <summary>What may stand in the key's place, of sessions minted in the 24 hours before; empty once there can be none.</summary>
    public string[] Names(string accountId, string idempotencyKey, DateTimeOffset now) =>
        now >= _until ? [] : [Name(accountId, idempotencyKey, now), Name(accountId, idempotencyKey, now - IdempotencyKeys.Life)];

    static string Name(string accountId, string idempotencyKey, DateTimeOffset mintedAt)
    {
        var day = DateOnly.FromDateTime(mintedAt.UtcDateTime).DayNumber;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{accountId}\n{day}\n{idempotencyKey}"));
        return SessionIds.Prefix + Base32.Encode(digest.AsSpan(0, IdBytes));
    }
}
