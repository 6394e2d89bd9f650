using System.Xml.Linq;

namespace SessionManager.Tests.Layers;

/// <summary>A project of <c>src</c>, by what its file references.</summary>
sealed record ProjectFile(string Name, string[] Projects, string[] Frameworks, string[] Packages)
{
    public static ProjectFile[] All() =>
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(Read),
    ];

    static ProjectFile Read(string path)
    {
        var file = XDocument.Load(path);
        // What is only built beside it is no reference: the console's pages, which the front end serves as files.
        var projects = file.Descendants("ProjectReference").Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false");
        return new(
            Path.GetFileNameWithoutExtension(path),
            [.. projects.Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!)).Order(StringComparer.Ordinal)],
            Included(file, "FrameworkReference"),
            Included(file, "PackageReference"));
    }

    static string[] Included(XDocument file, string kind) =>
        [.. file.Descendants(kind).Select(reference => (string)reference.Attribute("Include")!)];
}
