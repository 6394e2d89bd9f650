using System.Collections.Immutable;
using SessionManager.Sessions;
using SessionManager.Tests.Storage.Sessions;

namespace SessionManager.Simulation;

/// <summary>The simulated store keeps the contract that SQLite and PostgreSQL keep, so that what the grains are seen to do on it they do on those.</summary>
public sealed class SimulatedSessionStoreTests : SessionStoreContract, IDisposable
{
    readonly Pump _pump = new();

    public void Dispose() => _pump.Dispose();

    protected override Task<ISessionStore> Open() => Task.FromResult<ISessionStore>(_pump);

    /// <summary>Its clock runs whenever somebody waits.</summary>
    sealed class Pump : ISessionStore, IDisposable
    {
        readonly Lock _gate = new();
        readonly SemaphoreSlim _asked = new(0);
        readonly VirtualTime _time = new(DateTimeOffset.UnixEpoch);
        readonly SimulatedSessionStore _store;
        volatile bool _over;

        public Pump()
        {
            _store = new SimulatedSessionStore(new FaultyDatabase(_time, new Rng(1)), new SessionTable());
            new Thread(Run) { IsBackground = true }.Start();
        }

        public Task<Ownership> TakeOwnership(OwnerKind kind, string id, CancellationToken cancellation = default) =>
            Ask(() => _store.TakeOwnership(kind, id, cancellation));

        public Task<Ownership> Look(OwnerKind kind, string id, CancellationToken cancellation = default) =>
            Ask(() => _store.Look(kind, id, cancellation));

        public Task<WriteResult> Insert(SessionChange change, Fence account, Fence node) => Ask(() => _store.Insert(change, account, node));

        public Task<WriteResult> Update(SessionChange change, ImmutableArray<Fence> fences) => Ask(() => _store.Update(change, fences));

        public Task<SessionRow?> Find(string sessionId, CancellationToken cancellation = default) => Ask(() => _store.Find(sessionId, cancellation));

        public Task<SessionRow?> FindByIdempotencyKey(string accountId, string idempotencyKey, DateTimeOffset now, CancellationToken cancellation = default) =>
            Ask(() => _store.FindByIdempotencyKey(accountId, idempotencyKey, now, cancellation));

        public Task<long> StreamedMilliseconds(string accountId, DateOnly from, DateOnly to, CancellationToken cancellation = default) =>
            Ask(() => _store.StreamedMilliseconds(accountId, from, to, cancellation));

        public Task<ImmutableArray<string>> Overdue(DateTimeOffset before, int limit, CancellationToken cancellation = default) =>
            Ask(() => _store.Overdue(before, limit, cancellation));

        public Task<ImmutableArray<string>> NodesInUse(CancellationToken cancellation = default) => Ask(() => _store.NodesInUse(cancellation));

        public Task<int> Clean(DateTimeOffset droppedBefore, DateTimeOffset keysBefore, int limit, CancellationToken cancellation = default) =>
            Ask(() => _store.Clean(droppedBefore, keysBefore, limit, cancellation));

        public void Dispose()
        {
            _over = true;
            _asked.Release();
        }

        Task<T> Ask<T>(Func<Task<T>> ask)
        {
            lock (_gate)
            {
                var answer = ask();
                _asked.Release();
                return answer;
            }
        }

        void Run()
        {
            while (!_over)
            {
                _asked.Wait();
                lock (_gate)
                {
                    while (_time.FireNext(TimeSpan.MaxValue))
                    {
                    }
                }
            }

            _asked.Dispose();
        }
    }
}
