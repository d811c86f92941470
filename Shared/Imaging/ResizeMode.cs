using System.Text.Json.Serialization;
using CnnOnnx.Files;

namespace CnnOnnx.Imaging;

/// <summary>How a picture of another aspect ratio comes to a network's size.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ResizeMode>))]
public enum ResizeMode
{
    /// <summary>Both axes scaled on their own.</summary>
    Stretch,

    /// <summary>Scaled until the shorter side fits, the rest cut off evenly.</summary>
    Crop,

    /// <summary>Scaled until the longer side fits, the rest filled evenly with grey (114).</summary>
    Letterbox,
}
