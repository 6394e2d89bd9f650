using SessionManager.Api.Users;

namespace SessionManager.Api.Overview;

/// <summary>
/// Slots used and allowed, of all accounts together. Each account is asked, so not often and not beyond <see cref="MostUsers"/>:
/// with more users the limit is left out.
/// </summary>
sealed class SlotLimits(UserDirectory users, TimeProvider time) : IDisposable
{
    const int MostUsers = 1_000;
    const int PageSize = 200;
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    readonly SemaphoreSlim _turn = new(1);
    (DateTimeOffset At, Taken Slots)? _read;

    public async Task<Taken> Read(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_read is { } read && (time.GetUtcNow() - read.At).Duration() < Fresh)
                return read.Slots;
            var (used, limit, asked) = (0, 0, 0);
            string? cursor = null;
            do
            {
                var page = await users.List(null, cursor, PageSize, cancellation);
                used += page.Data.Sum(user => user.ActiveCount);
                limit = (int)Math.Min(int.MaxValue, (long)limit + page.Data.Where(user => !user.Suspended).Sum(user => (long)user.MaxConcurrent));
                asked += page.Data.Length;
                cursor = page.Cursor;
            }
            while (cursor is not null && asked < MostUsers);
            var slots = new Taken(used, cursor is null ? limit : null);
            _read = (time.GetUtcNow(), slots);
            return slots;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
