using SessionManager.Audit;
using SessionManager.Tests.Storage.Sessions;
using SessionManager.Users;
using static SessionManager.Tests.Storage.Sessions.TestSessions;

namespace SessionManager.Tests.Storage.Audit;

/// <summary>The audit log and the list of users, on each kind of database.</summary>
public abstract class AuditLogContract : DatabaseContract
{
    static readonly CancellationToken Never = CancellationToken.None;

    [StoreFact]
    public async Task Audit_is_listed_newest_first_and_narrowed()
    {
        AuditEntry[] entries =
        [
            new(Start, "usr_a", "key_1", "user.create", "usr_b", "name 'x'", "127.0.0.1", "req_1"),
            new(Start.AddSeconds(1), null, null, "login.failed", "usr_b", null, null, null),
            new(Start.AddSeconds(2), "usr_a", null, "key.revoke", "key_2", null, null, null),
        ];
        foreach (var entry in entries)
            await Test.Audit.Append(entry);

        var first = await Test.Audit.List(new(), null, 2, Never);
        Assert.Equal([entries[2], entries[1]], first.Data.AsEnumerable());
        Assert.Equal([entries[0]], (await Test.Audit.List(new(), first.Cursor, 2, Never)).Data.AsEnumerable());
        Assert.Equal([entries[2], entries[0]], await Listed(new(Actor: "usr_a")));
        Assert.Equal([entries[1], entries[0]], await Listed(new(Target: "usr_b")));
        Assert.Equal([entries[1]], await Listed(new(Target: "usr_b", Action: "login.failed")));
        Assert.Equal([entries[1]], await Listed(new(Since: Start.AddSeconds(1), Until: Start.AddSeconds(2))));
        await Assert.ThrowsAsync<FormatException>(() => Test.Audit.List(new(), "bogus", 1, Never));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Test.Audit.List(new(), null, 201, Never));
    }

    [StoreFact]
    public async Task Users_are_listed_by_name_and_found_by_any_part_of_it()
    {
        foreach (var name in new[] { "bob", "Alice", "carol_1", "dave%" })
            await Test.Users.Add(new($"usr_{name}", name, Start));
        await Test.Users.Add(new("usr_bob", "bob", Start.AddDays(1)));

        Assert.Equal(["Alice", "bob", "carol_1", "dave%"], await Names(null));
        Assert.Equal(["Alice", "carol_1", "dave%"], await Names("A"));
        Assert.Equal(["carol_1"], await Names("_"));
        Assert.Equal(["dave%"], await Names("%"));
        var page = await Test.Users.List(null, null, 3, Never);
        Assert.Equal([new UserRow("usr_dave%", "dave%", Start)], (await Test.Users.List(null, page.Cursor, 3, Never)).Data.AsEnumerable());

        async Task<IEnumerable<string>> Names(string? search) => (await Test.Users.List(search, null, 9, Never)).Data.Select(user => user.Username);
    }

    async Task<IEnumerable<AuditEntry>> Listed(AuditFilter filter) => (await Test.Audit.List(filter, null, 9, Never)).Data;
}
