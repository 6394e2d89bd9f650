using System.Text.Json;
using SessionManager.Hosting;
using SessionManager.Keys;
using SessionManager.Randomness;
using SessionManager.Secrets;

namespace SessionManager.Api.Demo;

/// <summary>What <c>demo.json</c> holds.</summary>
sealed record DemoFile(string Url, DemoLogin Admin, string ApiKey, string NodeKey, string NodeId)
{
    const string Name = "demo.json";
    const string DraftName = "demo.json.new";

    static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <summary>
    /// The file of an earlier start, or a new one's content. New content is a draft on the disk before anything is made of it:
    /// a start that is cut off is finished by the next with the same passwords and keys.
    /// </summary>
    /// <exception cref="StartupException">It cannot be read.</exception>
    public static (DemoFile File, bool IsNew) Load(DataFolder folder, IRandomSource random, KeyOptions keys)
    {
        if (Read(folder.File(DraftName)) is { } draft)
            return (draft, true);
        if (Read(folder.File(Name)) is { } known)
            return (known, false);
        var made = new DemoFile(
            "",
            new("admin", Password(random)),
            KeyFormat.Create(random, keys.Prefix),
            KeyFormat.Create(random, keys.Prefix),
            "demo-node");
        PrivateFile.Write(folder.File(DraftName), made.ToJson(), replace: true);
        return (made, true);
    }

    public void Save(DataFolder folder)
    {
        if (Read(folder.File(Name)) != this)
            PrivateFile.Write(folder.File(Name), ToJson(), replace: true);
        File.Delete(folder.File(DraftName));
    }

    public static string Password(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[15];
        random.Fill(bytes);
        return Base32.Encode(bytes);
    }

    static DemoFile? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var read = JsonSerializer.Deserialize<DemoFile>(File.ReadAllText(path), Format);
            return read is { Admin: { Username: not null, Password: not null }, ApiKey: not null, NodeKey: not null, NodeId: not null }
                ? read
                : throw new StartupException($"{path} is incomplete. Delete it: a new one is made.");
        }
        catch (JsonException exception)
        {
            throw new StartupException($"{path} is damaged. Delete it: a new one is made.", exception);
        }
    }

    string ToJson() => JsonSerializer.Serialize(this, Format) + "\n";
}

sealed record DemoLogin(string Username, string Password);
