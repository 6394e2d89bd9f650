using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace SessionManager.InProcess;

/// <summary>
/// A stored record of an activation. Its operations run one after another. A write or clear asked for while one of its kind is
/// queued last and has not started joins it, unless either can be cancelled; a read right behind a success is already answered.
/// </summary>
sealed class PersistentState<TState>(Activation activation, string name) : IPersistentState<TState>
{
    readonly RecordKey _key = new(activation.GrainId, name);
    TState _state = Activator.CreateInstance<TState>();
    bool _loaded;
    Operation? _last;

    enum Kind { Read, Write, Clear }

    public string? Etag { get; private set; }

    public bool RecordExists => _loaded ? Etag is not null : throw new InvalidOperationException("State has not yet been loaded");

    public TState State
    {
        get { CheckTurn(); return _state; }
        set { CheckTurn(); _state = value; }
    }

    public Task ReadStateAsync(CancellationToken cancellationToken) => Enqueue(Kind.Read, cancellationToken);
    public Task WriteStateAsync(CancellationToken cancellationToken) => Enqueue(Kind.Write, cancellationToken);
    public Task ClearStateAsync(CancellationToken cancellationToken) => Enqueue(Kind.Clear, cancellationToken);

    void CheckTurn()
    {
        if (TurnQueue.Running != activation)
            throw new InvalidOperationException($"State of {activation.GrainId} was touched outside its turns, for instance in Task.Run.");
    }

    Task Enqueue(Kind kind, CancellationToken cancellationToken)
    {
        CheckTurn();
        if (kind != Kind.Read && !cancellationToken.CanBeCanceled
            && _last is { Started: false, Cancellation.CanBeCanceled: false } last && last.Kind == kind)
        {
            return last.Completion;
        }

        var (operation, predecessor) = (new Operation(kind, cancellationToken), _last);
        _last = operation;
        return operation.Completion = RunAsync(operation, predecessor);
    }

    async Task RunAsync(Operation operation, Operation? predecessor)
    {
        try
        {
            // Even with nothing before it, an operation starts in a later turn: what else this turn asks for can still join it.
            // A read at activation has nobody to join.
            if (predecessor is not null || operation.Kind != Kind.Read) await Task.Yield();
            if (predecessor is not null)
                await predecessor.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            operation.Started = true;
            var satisfied = predecessor?.Completion.IsCompletedSuccessfully == true
                && (operation.Kind == Kind.Read || (operation.Kind == Kind.Clear && predecessor.Kind == Kind.Clear));
            if (!satisfied) await ExecuteAsync(operation.Kind, operation.Cancellation);
        }
        finally
        {
            if (ReferenceEquals(_last, operation)) _last = null;
        }
    }

    async Task ExecuteAsync(Kind kind, CancellationToken cancellationToken)
    {
        if (activation.Engine.Life.Ended) throw new SiloUnavailableException("The engine has stopped.");
        var store = activation.Engine.Store;
        var serializer = activation.ActivationServices.GetRequiredService<IGrainStorageSerializer>();
        try
        {
            switch (kind)
            {
                case Kind.Read:
                    var stored = await store.ReadAsync(_key, cancellationToken);
                    _state = stored is null ? Activator.CreateInstance<TState>() : serializer.Deserialize<TState>(BinaryData.FromBytes(stored.Data))!;
                    Etag = stored?.ETag;
                    break;
                case Kind.Write:
                    Etag = await store.WriteAsync(_key, serializer.Serialize(_state), Etag, cancellationToken);
                    break;
                case Kind.Clear:
                    await store.ClearAsync(_key, Etag, cancellationToken);
                    _state = Activator.CreateInstance<TState>();
                    Etag = null;
                    break;
            }

            _loaded = true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            activation.Engine.Log.StorageFailed(exception, kind.ToString(), _key.Name, _key.Grain);
            if (exception is OrleansException) throw;
            throw new OrleansException($"{kind} of '{_key.Name}' of {_key.Grain} failed: {exception.Message}", exception);
        }
    }

    sealed record Operation(Kind Kind, CancellationToken Cancellation)
    {
        public bool Started { get; set; }
        public Task Completion { get; set; } = Task.CompletedTask;
    }
}
