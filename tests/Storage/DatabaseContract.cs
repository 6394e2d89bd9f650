namespace SessionManager.Tests.Storage;

/// <summary>What holds on each kind of database, for each test in one of its own.</summary>
public abstract class DatabaseContract : IAsyncLifetime
{
    private protected TestStore Test { get; private set; } = null!;

    private protected abstract Task<TestStore> Open();

    public async Task InitializeAsync() => Test = await Open();

    public Task DisposeAsync() => Test.DisposeAsync().AsTask();
}
