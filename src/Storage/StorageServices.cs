using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using SessionManager.Audit;
using SessionManager.Broadcasts;
using SessionManager.Changes;
using SessionManager.Sessions;
using SessionManager.Storage.Audit;
using SessionManager.Storage.Broadcasts;
using SessionManager.Storage.Postgres;
using SessionManager.Storage.Sessions;
using SessionManager.Storage.Sqlite;
using SessionManager.Storage.Users;
using SessionManager.Users;

namespace SessionManager.Storage;

public static class StorageServices
{
    /// <summary>
    /// Adds <see cref="ISessionStore"/>, <see cref="ISessionQueries"/>, <see cref="IChangeFeed"/>, <see cref="IBroadcastStore"/>, <see cref="IAuditLog"/> and
    /// <see cref="IUserList"/> on a SQLite file. Its tables are there when the host's services that were added later start, and what they wrote is written when it stops
    /// after them. Earlier data is brought into them by <see cref="SessionOptions"/> and <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, Func<IServiceProvider, SqliteFile> file) => services
        .AddSingleton(provider => new SqliteDatabase(file(provider)))
        .AddSingleton<IDatabase>(provider => provider.GetRequiredService<SqliteDatabase>())
        .AddSingleton<ISessionStore, SqliteSessionStore>()
        .AddSingleton<IChangeFeed, SqliteChangeFeed>()
        .AddLists()
        .AddHostedService(provider => new StorageService(
            provider,
            provider.GetRequiredService<SqliteDatabase>().Prepare,
            provider.GetRequiredService<SqliteDatabase>().DisposeAsync));

    /// <summary>The same on a PostgreSQL database, reading through the <see cref="NpgsqlDataSource"/> that is registered.</summary>
    /// <param name="connectionString">Of the same database; the writer has a connection of its own.</param>
    public static IServiceCollection AddStorage(this IServiceCollection services, string connectionString) => services
        .AddSingleton(provider => new PostgresDatabase(provider.GetRequiredService<NpgsqlDataSource>(), connectionString))
        .AddSingleton<IDatabase>(provider => provider.GetRequiredService<PostgresDatabase>())
        .AddSingleton<ISessionStore, PostgresSessionStore>()
        .AddSingleton<IChangeFeed, PostgresChangeFeed>()
        .AddLists()
        .AddHostedService(provider => new StorageService(
            provider,
            provider.GetRequiredService<PostgresDatabase>().Prepare,
            provider.GetRequiredService<PostgresDatabase>().DisposeAsync));

    static IServiceCollection AddLists(this IServiceCollection services) => services
        .AddSingleton<ISessionQueries, SessionQueries>()
        .AddSingleton<IAuditLog, AuditLog>()
        .AddSingleton<IBroadcastStore, BroadcastStore>()
        .AddSingleton<IUserList, UserList>();

    /// <param name="prepare">Makes the tables ready.</param>
    /// <param name="drain">Writes what waits and refuses what comes.</param>
    sealed class StorageService(
        IServiceProvider services, Func<SessionOptions, DateTimeOffset, Task> prepare, Func<ValueTask> drain) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => prepare(
            services.GetRequiredService<IOptions<SessionOptions>>().Value, services.GetRequiredService<TimeProvider>().GetUtcNow());

        public Task StopAsync(CancellationToken cancellationToken) => drain().AsTask();
    }
}
